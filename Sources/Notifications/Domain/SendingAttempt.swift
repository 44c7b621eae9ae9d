/// What became of one sending.
enum SendingAttempt: Sendable {
    case sent
    case failed(SendingFailure)
}

extension Notifier {
    /// Sends one message; `nil` if it was given up since this process ends: nobody knows, so it counts as no attempt.
    func attempt(_ message: NotificationMessage) async -> SendingAttempt? {
        do {
            try await send(message)
            return .sent
        } catch is CancellationError {
            return nil
        } catch let failure as SendingFailure {
            return .failed(failure)
        } catch {
            return .failed(SendingFailure(.transient(retryAfter: nil), String(describing: error)))
        }
    }
}

extension SendingFailure {
    /// At most 200 characters on one line.
    var line: String { String(description.map { $0.isNewline ? " " : $0 }.prefix(200)) }
}
