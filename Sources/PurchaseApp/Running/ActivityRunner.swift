import Logging
import SagaChoreography
import ServiceLifecycle

/// Drives activities live: polls while there is work, then waits for an event, a due time or the shutdown.
public struct ActivityRunner: Service {
    let activities: [any Activity]
    /// Tells consumers when something arrived; `nil`: commits do.
    var arrivals: (any EventArrivals)?
    let feed: CommitFeed
    let clock: any SagaClock
    let random: any RandomSource
    let logger: Logger
    /// See ``Progress/longestRest``.
    var longestRest = Progress.longestRest

    /// Returns after the shutdown, once every activity has ended its current step.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                let signals = activities.map { activity in
                    let signal = Signal()
                    wake(signal, for: activity)
                    group.addTask { await drive(activity, signal) }
                    return signal
                }
                group.addTask { await wakeNowAndThen(signals) }
            }
        }
        for activity in activities {
            do { try await activity.end() } catch {
                logger.warning(
                    "what an activity held is left as after a crash",
                    metadata: [LogKey.activity: "\(activity.name)", LogKey.reason: "\(SagaFault(error).summary)"])
            }
        }
    }

    private func wake(_ signal: Signal, for activity: any Activity) {
        if let group = activity.consumes { feed.wakeForReplays(signal, of: group) }
        guard let arrivals, let group = activity.consumes else { return feed.wake(signal, for: activity) }
        let patient = PatientSignal(signal, for: activity)
        arrivals.onArrival(for: group) { patient.arrived($0) }
    }

    /// Wakes everybody: a commit whose answer was lost woke nobody. One timer for all, so that waiting costs none.
    private func wakeNowAndThen(_ signals: [Signal]) async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: longestRest) } catch { return }  // cancelled: everybody ends
            for signal in signals { signal.raise() }
        }
    }

    private func drive(_ activity: any Activity, _ signal: Signal) async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let progress = try await activity.poll()
                if failures > 0 { feed.resumed(activity.name) }
                failures = 0
                guard case .idle(let wakeAt) = progress else { continue }
                if let wakeAt {
                    let delay = wakeAt - clock.now()
                    if delay > .zero { await signal.wait(atMost: delay) }
                } else {
                    await signal.wait()
                }
            } catch is CancellationError {
                return
            } catch {
                failures += 1
                await pause(activity, failures, SagaFault(error))
            }
        }
    }

    /// Store or transport are away, or the activity itself is broken: wait, longer each time, and say so; never give up.
    private func pause(_ activity: any Activity, _ failures: Int, _ fault: SagaFault) async {
        let policy = RetryPolicy(first: .milliseconds(50), longest: .seconds(5))
        let delay = policy.delay(afterAttempt: failures, random: random)
        feed.paused(activity.name, because: fault, until: clock.now() + delay)
        do { try await Task.sleep(for: delay) } catch { return }  // cancelled: the loop ends
    }
}
