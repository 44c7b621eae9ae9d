import SagaChoreography
import Synchronization

/// What happened in a run, a line each, for people.
public final class Story: Sendable {
    /// Whether anything is kept; telling a story that nobody reads costs nothing.
    public let isKept: Bool
    private let start: Timestamp
    private let told = Mutex<[String]>([])

    init(isKept: Bool, start: Timestamp) {
        self.isKept = isKept
        self.start = start
    }

    /// Adds a line, with the time since the start of the run.
    public func tell(_ now: Timestamp, _ line: @autoclosure () -> String) {
        guard isKept else { return }
        let milliseconds = (now - start).wholeMilliseconds
        let rest = String(milliseconds % 1000)
        let stamp = "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
        let line = line()
        told.withLock { $0.append(String(repeating: " ", count: max(0, 9 - stamp.count)) + stamp + "  " + line) }
    }

    /// Every line so far.
    public var lines: [String] { told.withLock { $0 } }
}
