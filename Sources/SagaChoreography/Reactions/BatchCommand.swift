/// A command of which many come at the same time, executed together with set-based SQL.
public protocol BatchCommand<Transaction>: Command {
    // Restated, so that they are inferred from `executeAll(_:in:)`.
    associatedtype Transaction
    associatedtype Outcome
    associatedtype Emitted

    /// Executes several in one transaction. What one is refused for must leave no change behind.
    ///
    /// - Returns: an answer for each command, in order.
    /// - Throws: any error: everything rolls back, and each command is executed alone.
    static func executeAll(_ commands: [Self], in step: Step<Transaction>) throws
        -> [BatchAnswer<Outcome, Emitted>]
}

/// What became of one command of a batch.
public enum BatchAnswer<Outcome: Sendable, Emitted: Emission>: Sendable {
    case decided(Decision<Outcome, Emitted>)
    /// The command's own error; it changed nothing.
    case refused(any Error)
    /// Not decided here; to be executed alone, after the others committed.
    case alone
}

extension BatchCommand {
    /// See ``Command``.
    public func execute(in step: Step<Transaction>) throws -> Decision<Outcome, Emitted> {
        let answers = try Self.executeAll([self], in: step)
        guard answers.count == 1 else {
            throw SagaFault.permanent(.contract, "\(Self.id) gave \(answers.count) answers to one command")
        }
        switch answers[0] {
        case .decided(let decision): return decision
        case .refused(let error): throw error
        case .alone: throw SagaFault.permanent(.contract, "\(Self.id) does not decide a lone command")
        }
    }
}
