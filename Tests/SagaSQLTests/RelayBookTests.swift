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
        RelayBook(of: try SQLiteDatabase.inMemory(), clock: clock, bound: bound)
    }

    @discardableResult
    private func send(_ limit: Int, of book: RelayBook) -> [RelayBook.Sent] {
        let taken = book.take(limit)
        book.note(sent: taken, taken.map { Receipt("r\($0.position)") }, during: book.generation)
        return book.unacknowledged
    }

    @Test func `a row of several events is due once everybody has all of them, and is found again if one is lost`()
        throws
    {
        let book = RelayBook(OutboxBundles(), clock: clock)
        _ = book.takeMissing()
        book.add([256, 257, 258, 512].map(delivery))
        let sent = send(4, of: book)
        book.note(acknowledged: [sent[0].receipt, sent[2].receipt, sent[3].receipt], dueAfter: .zero)
        let due = book.takeDue(100)
        #expect(due.map(\.row) == [OutboxRow(position: 512, size: 1)])
        #expect(book.backlog.count == 0)
        book.forget(due)

        clock.advance(by: .seconds(60))
        book.note(expired: book.expired(after: [.seconds(60)]), held: [])
        #expect(book.takeMissing() == 257)
        let rest = book.takeDue(100)
        #expect(rest.map(\.row) == [OutboxRow(position: 256, size: 2)], "if the table has no more of it, it goes")
        book.add([256, 257, 258].map(delivery))
        book.giveBack(rest)
        #expect(book.takeDue(100).isEmpty, "it has more")
        let again = send(4, of: book)
        #expect(again.map(\.position) == [257])
        book.note(acknowledged: [again[0].receipt], dueAfter: .zero)
        #expect(book.takeDue(1).map(\.row) == [OutboxRow(position: 256, size: 3)])
        book.forget([RelayBook.Acknowledged(row: OutboxRow(position: 256, size: 3), dueAt: clock.now())])
        #expect(book.firstMissing(of: [256..<259]) == 256)
    }

    @Test func `what does not fit is looked for in the table once there is room`() throws {
        let book = try book(bound: 4)
        #expect(book.takeMissing() == 0)
        book.add((1...2).map(delivery))
        book.miss(from: 3)
        #expect(book.takeMissing() == nil, "no room yet")
        send(2, of: book)
        #expect(book.takeMissing() == 3, "what was sent needs little room")
        #expect(book.takeMissing() == nil)
    }

    @Test func `a row that could not be sent is the next again, in its place`() throws {
        let book = try book()
        book.add((1...4).map(delivery))
        book.giveBack(book.take(2))
        #expect(book.take(4).map(\.position) == [1, 2, 3, 4])
    }

    @Test func `what is refused waits longer each time, keeps no other waiting and counts as unsent`() throws {
        let book = try book()
        book.add((1...3).map(delivery))
        let refusal = Result<Receipt, SagaFault>.failure(.unavailable("WRONGTYPE"))
        book.note(
            sent: book.take(3), [refusal, .success(Receipt("r2")), .success(Receipt("r3"))], during: book.generation)
        #expect(book.unacknowledged.map(\.position) == [2, 3])
        #expect(book.backlog.count == 1)
        #expect(book.backlog.since == clock.now())
        _ = book.takeMissing()
        book.note(acknowledged: [Receipt("r2"), Receipt("r3")], dueAfter: .zero)
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(book.take(10).isEmpty)
            clock.advance(by: .seconds(pause) - .milliseconds(1))
            #expect(book.take(10).isEmpty)
            clock.advance(by: .milliseconds(1))
            #expect(book.nextRefusedDueAt == clock.now())
            let again = book.take(10)
            #expect(again.map(\.position) == [1])
            book.note(sent: again, [refusal], during: book.generation)
        }
        #expect(!book.isBehind(by: .seconds(10)))
        clock.advance(by: .seconds(60))
        send(10, of: book)
        #expect(book.refusedCount == 0 && book.backlog.count == 0)
        #expect(book.unacknowledged.map(\.position) == [1])
    }

    @Test func `a row that comes twice is sent once`() throws {
        let book = try book()
        book.add([delivery(1)])
        book.add([delivery(1)])
        send(10, of: book)
        #expect(book.unacknowledged.count == 1)
        book.add([delivery(1)])
        #expect(book.take(10).isEmpty)
    }

    @Test func `what nobody acknowledges is looked for again when patience ends, longer each time`() throws {
        let book = try book()
        let patience: [Duration] = [.seconds(60), .seconds(120)]
        func look() -> Int64? {
            book.note(expired: book.expired(after: patience), held: [])
            return book.takeMissing()
        }
        _ = book.takeMissing()
        book.add([delivery(7)])
        send(1, of: book)
        for pause in patience + [.seconds(120)] {
            clock.advance(by: pause - .milliseconds(1))
            #expect(look() == nil)
            clock.advance(by: .milliseconds(1))
            #expect(look() == 7)
            book.add([delivery(7)])
            #expect(send(1, of: book).count == 1)
        }
    }

    @Test func `what the transport still holds is not sent again, however long it lies there`() throws {
        let book = try book()
        _ = book.takeMissing()
        book.add([delivery(7)])
        send(1, of: book)
        for _ in 1...3 {
            clock.advance(by: .seconds(60))
            let expired = book.expired(after: [.seconds(60)])
            #expect(expired.count == 1)
            book.note(expired: expired, held: [Receipt("r7")])
            #expect(book.takeMissing() == nil)
            #expect(book.expired(after: [.seconds(60)]).isEmpty)
        }
    }

    @Test func `what was sent into a generation that ended meanwhile was not sent`() throws {
        let book = try book()
        book.note(generation: "one")
        book.add([delivery(1)])
        let taken = book.take(1)
        book.note(generation: "two")
        book.note(sent: taken, [Receipt("r1")], during: "one")
        #expect(book.take(1).map(\.position) == [1])
    }

    @Test func `another generation sends again what was sent, and not what was acknowledged`() throws {
        let book = try book()
        _ = book.takeMissing()
        book.note(generation: "one")
        book.add((1...3).map(delivery))
        let sent = send(3, of: book)
        book.note(acknowledged: [sent[0].receipt], dueAfter: .zero)
        book.note(generation: "one")
        #expect(book.takeMissing() == nil)
        book.note(generation: "two")
        #expect(book.unacknowledged.isEmpty)
        book.note(doubtful: book.doubtful, survivors: [:], during: "two")
        #expect(book.takeMissing() == 2)
        #expect(book.firstMissing(of: [1..<4]) == 2)
        #expect(book.unacknowledged.isEmpty && book.doubtful.isEmpty)
    }

    @Test func `what the transport kept across generations is waited for under its new receipt`() throws {
        let book = try book()
        _ = book.takeMissing()
        book.note(generation: "one")
        book.add((1...3).map(delivery))
        send(3, of: book)
        book.note(generation: "two")
        let doubtful = book.doubtful
        #expect(doubtful.map(\.position) == [1, 2, 3])
        book.note(doubtful: doubtful, survivors: [Receipt("r2"): Receipt("s2")], during: "two")
        #expect(book.unacknowledged.map(\.receipt) == [Receipt("s2")])
        #expect(book.takeMissing() == 1)
        #expect(book.firstMissing(of: [1..<4]) == 1)
        #expect(book.firstMissing(of: [2..<3]) == nil)
    }

    @Test func `an answer about a generation that is gone as well decides nothing`() throws {
        let book = try book()
        _ = book.takeMissing()
        book.note(generation: "one")
        book.add([delivery(1)])
        send(1, of: book)
        book.note(generation: "two")
        let doubtful = book.doubtful
        book.note(generation: "three")
        book.note(doubtful: doubtful, survivors: [Receipt("r1"): Receipt("s1")], during: "two")
        #expect(book.doubtful.map(\.position) == [1])
        #expect(book.unacknowledged.isEmpty)
        #expect(book.takeMissing() == nil)
    }

    @Test func `a relay is behind when something waits for long, also while it is being sent or lies in the table`()
        throws
    {
        let book = try book()
        func isBehind() -> Bool { book.isBehind(by: .seconds(5)) }
        _ = book.takeMissing()
        book.add([delivery(1)])
        clock.advance(by: .seconds(5))
        #expect(!isBehind())
        clock.advance(by: .milliseconds(1))
        #expect(isBehind())
        let taken = book.take(1)
        #expect(isBehind())
        book.giveBack(taken)
        #expect(isBehind(), "waits as long as before")
        let acknowledge = { book.note(acknowledged: Set(book.unacknowledged.map(\.receipt)), dueAfter: .zero) }
        send(1, of: book)
        #expect(!isBehind())
        clock.advance(by: .milliseconds(5_001))
        #expect(isBehind(), "nobody handles it")
        acknowledge()
        #expect(!isBehind())
        // Others come all the time, and none waits for long.
        for position in 2...9 as ClosedRange<Int64> {
            book.add([delivery(position)])
            clock.advance(by: .seconds(1))
            book.add([delivery(position + 100)])
            send(1, of: book)
            #expect(!isBehind())
            send(1, of: book)
            acknowledge()
        }
        book.miss(from: 1)
        clock.advance(by: .seconds(6))
        #expect(isBehind())
        _ = book.takeMissing()
        book.add([])
        #expect(!isBehind())
    }

    // MARK: Sagas that are over

    private func tell(_ book: RelayBook, _ rows: [Int64: [UUID?]]) {
        let deliveries = rows.sorted { $0.key < $1.key }.flatMap { position, subjects in
            subjects.enumerated().map { offset, subject in
                Delivery(
                    envelope: Envelope(
                        id: UUID(), type: "a.made", version: 1, source: "maker", subject: subject, time: clock.now(),
                        correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8)),
                    position: position + Int64(offset))
            }
        }
        book.hear(.committed([Outbox.Appended(deliveries: deliveries)]))
        let sent = send(100, of: book)
        book.note(acknowledged: Set(sent.map(\.receipt)), dueAfter: .zero)
    }

    @Test func `a row is due when the last of its sagas is known to be over, and needs no question then`() {
        let book = RelayBook(OutboxBundles(), clock: clock)
        let (first, second) = (UUID(), UUID())
        tell(book, [256: [first, second, first], 512: [second], 768: [nil]])
        #expect(book.takeDue(100).map(\.row.position) == [768])

        book.hear(.committed([Outbox.Closed([second], of: "maker"), Outbox.Closed([first], of: "taker")]))
        let due = book.takeDue(100)
        #expect(due.map(\.row.position) == [512])
        #expect(due.map(\.isClosed) == [true])
        book.hear(.committed([Outbox.Closed([first, second], of: "maker")]))
        #expect(book.takeDue(100).map(\.isClosed) == [true])
    }

    @Test func `whether a saga is over that nobody said to be is asked after a while, and again each time after that`()
    {
        let book = RelayBook(OutboxBundles(), clock: clock)
        tell(book, [256: [UUID()]])
        #expect(book.takeDue(100).isEmpty)
        clock.advance(by: RelayBook.hearsay)
        var due = book.takeDue(100)
        #expect(due.map(\.isClosed) == [false])
        due[0].tries += 1
        book.giveBack(due)
        #expect(book.takeDue(100).map(\.isClosed) == [false])
    }

    @Test func `what a transaction emits as it closes a saga is over, and what is emitted later is not`() {
        let book = RelayBook(OutboxBundles(), clock: clock)
        let saga = UUID()
        let last = Delivery(
            envelope: Envelope(
                id: UUID(), type: "a.settled", version: 1, source: "maker", subject: saga, time: clock.now(),
                correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8)), position: 256)
        book.hear(.committed([Outbox.Closed([saga], of: "maker"), Outbox.Appended(deliveries: [last])]))
        tell(book, [512: [saga]])
        #expect(book.takeDue(100).map(\.row.position) == [256])
    }

    @Test func `of rows that are gone nothing is kept`() {
        let book = RelayBook(OutboxBundles(), clock: clock)
        let (first, second) = (UUID(), UUID())
        tell(book, [256: [first, second], 512: [second]])
        clock.advance(by: RelayBook.hearsay)
        book.forget(book.takeDue(1))
        #expect(book.state.withLock { $0.sagas.isOpen(256) } == nil)
        book.hear(.committed([Outbox.Closed([second], of: "maker")]))
        #expect(book.state.withLock { $0.sagas.isOpen(512) } == false)
        book.forget(book.takeDue(1))
        #expect(book.state.withLock { $0.sagas.count } == 0)
    }
}
