import SagaChoreography
import SagaTesting
import Testing

@Suite struct VerdictTests {
    private let policy = RetryPolicy(retries: 3)

    @Test func `an unreachable store pauses, whatever else is true`() {
        for messages in [1, 200] {
            for attempts in [0, 3, 99] {
                #expect(
                    Verdict(.unavailable("x"), messages: messages, earlierAttempts: attempts, policy: policy) == .pause)
            }
        }
    }

    @Test func `a faulty batch is delivered one by one, hopeless or not`() {
        #expect(Verdict(.retryable("x"), messages: 2, earlierAttempts: 0, policy: policy) == .deliverOneByOne)
        #expect(Verdict(.alarm("x"), messages: 2, earlierAttempts: 0, policy: policy) == .deliverOneByOne)
    }

    @Test func `a faulty message is retried as often as allowed, then parked`() {
        let verdicts = (0...4).map { Verdict(.retryable("x"), messages: 1, earlierAttempts: $0, policy: policy) }
        #expect(
            verdicts == [
                .retry(attempts: 1), .retry(attempts: 2), .retry(attempts: 3), .park(attempts: 4), .park(attempts: 5),
            ])
    }

    @Test func `with no retries the first fault parks`() {
        let policy = RetryPolicy(retries: 0)
        #expect(Verdict(.retryable("x"), messages: 1, earlierAttempts: 0, policy: policy) == .park(attempts: 1))
    }

    @Test func `a hopeless message is parked at once`() {
        let fault = SagaFault.permanent(.undecodable, "x")
        #expect(Verdict(fault, messages: 1, earlierAttempts: 0, policy: policy) == .park(attempts: 1))
    }

    @Test func `the delay doubles, keeps half of itself fixed, and has a longest`() {
        let random = SeededRandom(seed: 7)
        let policy = RetryPolicy(retries: 9, first: .milliseconds(100), longest: .seconds(2))
        for attempt in 1...40 {
            let full = min(100 << min(attempt - 1, 10), 2000)
            let delay = policy.delay(afterAttempt: attempt, random: random)
            #expect(delay >= .milliseconds(full / 2) && delay <= .milliseconds(full))
        }
    }
}
