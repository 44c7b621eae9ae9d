import Foundation
import SagaChoreography
import Synchronization

/// Ends the process, as `kill -9` does, at the n-th time it reaches a named point: for the crash suite, in the test stage only.
final class CrashProbe: Probe {
    private let point: ProbePoint
    private let left: Mutex<Int>

    /// - Parameter text: `point:count`, checked by the configuration.
    init?(_ text: String) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let point = ProbePoint(rawValue: String(parts[0])), let count = Int(parts[1]) else {
            return nil
        }
        self.point = point
        left = Mutex(count)
    }

    func reach(_ point: ProbePoint) {
        guard point == self.point else { return }
        let isTime = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isTime { kill(getpid(), SIGKILL) }
    }
}
