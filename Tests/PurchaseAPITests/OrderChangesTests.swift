import Synchronization
import Testing

@testable import PurchaseAPI

@Suite struct OrderChangesTests {
    private static func isChange(_ word: OrderChanges.Word) -> Bool {
        if case .changed = word { true } else { false }
    }

    private static func awaited(_ changes: OrderChanges) async {
        while !changes.isAwaited { await Task.yield() }
    }

    @Test func `what was told before anybody waits is there for who waits next, once`() async {
        let changes = OrderChanges()
        changes.tell(nil)
        changes.tell(nil)
        #expect(Self.isChange(await changes.next()))
        changes.end()
        #expect(await !Self.isChange(changes.next()))
    }

    @Test(.timeLimit(.minutes(1))) func `who waits is woken by a word, and by the end`() async {
        let changes = OrderChanges()
        let waiter = Task {
            var words = 0
            while Self.isChange(await changes.next()) { words += 1 }
            return words
        }
        await Self.awaited(changes)
        changes.tell(nil)
        await Self.awaited(changes)
        changes.end()
        #expect(await waiter.value == 1)
    }

    @Test func `what was told before the end can be taken after it, what is told later not`() async {
        let changes = OrderChanges()
        changes.tell(nil)
        changes.end()
        #expect(Self.isChange(await changes.next()))
        changes.tell(nil)
        #expect(await !Self.isChange(changes.next()))
    }

    @Test(.timeLimit(.minutes(1))) func `whoever is cancelled waits no longer, and it is over for good`() async {
        let ends = Mutex(0)
        let changes = OrderChanges { _ in ends.withLock { $0 += 1 } }
        let waiter = Task { await changes.next() }
        await Self.awaited(changes)
        waiter.cancel()
        #expect(await !Self.isChange(waiter.value))
        changes.end()
        #expect(ends.withLock { $0 } == 1)
    }
}
