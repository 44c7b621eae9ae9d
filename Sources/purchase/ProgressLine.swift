import Foundation
import Synchronization

/// One line on standard error that is written over, on a terminal only.
final class ProgressLine: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shown = Mutex("")

    func show(_ text: String) {
        guard isTerminal else { return }
        shown.withLock { last in
            guard last != text else { return }
            last = text
            FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
        }
    }

    /// Removes the line.
    func end() {
        guard isTerminal else { return }
        shown.withLock { last in
            if !last.isEmpty { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
            last = ""
        }
    }
}
