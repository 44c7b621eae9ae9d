import Logging
import NIOCore

extension Channel {
    /// Lets a listening socket accept one connection at a time. Whether there is room for a further one is asked before each look at
    /// the socket only, and a look takes up to 16 that have come together, whatever the limit is.
    func acceptOneAtATime(logger: Logger) async {
        do {
            try await setOption(.maxMessagesPerRead, value: 1).get()
        } catch { logger.warning("the limit on connections is not exact", metadata: [LogKey.reason: "\(error)"]) }
    }
}
