import SagaChoreography
import SagaSQL
import Testing

@Suite struct DueHintTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    @Test func `as long as nothing was found each look is now`() {
        let hint = DueHint()
        #expect(hint.nextLook(at: start) == nil)
        hint.looked(at: start, next: nil)
        #expect(hint.nextLook(at: start) == nil)
    }

    @Test func `a far deadline is not looked at again for a second, a near one not before it is due`() {
        let hint = DueHint()
        hint.looked(at: start, next: start + .seconds(30))
        #expect(hint.nextLook(at: start + .milliseconds(10)) == start + .seconds(1))
        #expect(hint.nextLook(at: start + .seconds(1)) == nil)
        hint.looked(at: start, next: start + .milliseconds(300))
        #expect(hint.nextLook(at: start) == start + .milliseconds(300))
        #expect(hint.nextLook(at: start + .milliseconds(300)) == nil)
    }

    @Test func `who rests does not look sooner, whatever is due`() {
        let hint = DueHint()
        hint.looked(at: start, next: start)
        hint.rest(for: .seconds(2), from: start)
        #expect(hint.nextLook(at: start + .milliseconds(1_999)) == start + .seconds(2))
        #expect(hint.nextLook(at: start + .seconds(2)) == nil)
    }

    @Test func `a clock that was set back looks at once`() {
        let hint = DueHint()
        hint.looked(at: start, next: start + .seconds(30))
        hint.rest(for: .seconds(30), from: start)
        #expect(hint.nextLook(at: start + .seconds(-5)) == nil)
    }
}
