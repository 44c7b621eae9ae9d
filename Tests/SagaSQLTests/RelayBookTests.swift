import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaTesting
import Testing

@testable import SagaSQL

@Suite struct RelayBookTests {
    private let clock = ManualClock()

    private func delivery(_ position: Int64) -> Delivery {
        Delivery(
            envelope: Envelope(
                id: UUID(), type: "a.made", version: 1, source: "maker", subject: nil, time: clock.now(),
                correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8)),
            position: position)
    }

    private func book(bound: Int = 100) throws -> RelayBook {
        RelayBook(of: try SQLiteDatabase.inMemory(), bound: bound)
    }

    private func send(_ limit: Int, of book: RelayBook) -> [RelayBook.Sent] {
        let sent = book.take(limit).map {
            RelayBook.Sent(position: $0.position, receipt: Receipt("r\($0.position)"), at: clock.now())
        }
        book.note(sent, at: clock.now())
        return sent
    }

    @Test func `what does not fit is looked for in the table once there is room`() throws {
        let book = try book(bound: 4)
        #expect(book.takeMissing() == 0)
        book.add((1...2).map(delivery))
        #expect(book.takeMissing() == nil)
        book.miss(from: 3)
        #expect(book.takeMissing() == nil, "no room yet")
        let sent = send(2, of: book)
        book.note(
            acknowledged: Set(sent.map(\.receipt)), of: sent, at: clock.now(), dueAfter: .zero, patience: [.seconds(1)])
        book.forget(book.takeDue(10, at: clock.now()))
        #expect(book.takeMissing() == 3)
        #expect(book.takeMissing() == nil)
    }

    @Test func `a row that could not be sent is the next again, in its place`() throws {
        let book = try book()
        book.add((1...4).map(delivery))
        book.giveBack(book.take(2))
        #expect(book.take(4).map(\.position) == [1, 2, 3, 4])
    }

    @Test func `a row that comes twice is sent once`() throws {
        let book = try book()
        book.add([delivery(1)])
        book.add([delivery(1)])
        #expect(send(10, of: book).count == 1)
        book.add([delivery(1)])
        #expect(book.take(10).isEmpty)
    }

    @Test func `what nobody acknowledges is looked for again when patience ends, longer each time`() throws {
        let book = try book()
        let patience: [Duration] = [.seconds(60), .seconds(120)]
        func look() -> Int64? {
            book.note(acknowledged: [], of: book.unacknowledged, at: clock.now(), dueAfter: .zero, patience: patience)
            return book.takeMissing()
        }
        _ = book.takeMissing()
        book.add([delivery(7)])
        _ = send(1, of: book)
        for pause in patience + [.seconds(120)] {
            clock.advance(by: pause - .milliseconds(1))
            #expect(look() == nil)
            clock.advance(by: .milliseconds(1))
            #expect(look() == 7)
            book.add([delivery(7)])
            #expect(send(1, of: book).count == 1)
        }
    }

    @Test func `another generation sends again what was sent, and not what was acknowledged`() throws {
        let book = try book()
        _ = book.takeMissing()
        book.note(generation: "one")
        book.add((1...3).map(delivery))
        let sent = send(3, of: book)
        book.note(
            acknowledged: [sent[0].receipt], of: sent, at: clock.now(), dueAfter: .zero, patience: [.seconds(60)])
        book.note(generation: "one")
        #expect(book.takeMissing() == nil)
        book.note(generation: "two")
        #expect(book.takeMissing() == 2)
        #expect(book.firstMissing(of: [1, 2, 3]) == 2)
        #expect(book.unacknowledged.isEmpty)
    }

    @Test func `a relay is behind when something waits for long without a break`() throws {
        let book = try book()
        book.noteEmpty(at: clock.now())
        book.add([delivery(1)])
        clock.advance(by: .seconds(5))
        #expect(!book.isBehind(by: .seconds(5), at: clock.now()))
        clock.advance(by: .milliseconds(1))
        #expect(book.isBehind(by: .seconds(5), at: clock.now()))
        _ = send(1, of: book)
        #expect(!book.isBehind(by: .seconds(5), at: clock.now()))
    }
}
