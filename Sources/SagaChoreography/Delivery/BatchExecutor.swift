/// Runs commands of one kind together when they come together: one transaction, set-based SQL, one durable commit for all.
public struct BatchExecutor<Store: SagaStore, C: BatchCommand>: Sendable where C.Transaction == Store.Transaction {
    private let batcher: CallBatcher<Call, C.Outcome>

    /// A command and the trace it belongs to: whoever runs it for others has another.
    fileprivate struct Call {
        let command: C
        let trace: TraceContext?
    }

    /// - Parameters:
    ///   - commands: runs them, alone where need be.
    ///   - limit: how many one transaction executes at most.
    public init(_ commands: CommandExecutor<Store>, limit: Int = 128) {
        batcher = CallBatcher(limit: limit) { await Self.run($0, on: commands) }
    }

    /// Runs one command, with others if there are any, and returns once that is durable.
    ///
    /// - Throws: as ``CommandExecutor/run(_:)``.
    public func run(_ command: C) async throws -> C.Outcome {
        try await batcher.run(Call(command: command, trace: TraceContext.current))
    }

    private static func run(_ batch: [Call], on commands: CommandExecutor<Store>) async -> [Result<
        C.Outcome, any Error
    >] {
        guard batch.count > 1 else { return [await alone(batch[0], on: commands)] }
        let answers: [BatchAnswer<C.Outcome, C.Emitted>]
        do {
            answers = try await commands.runAll(batch)
        } catch {
            // Nobody knows what became of it: asking again could do it twice.
            if case .unavailable = SagaFault(error) { return batch.map { _ in .failure(error) } }
            answers = batch.map { _ in .alone }
        }
        var results: [Result<C.Outcome, any Error>] = []
        for (call, answer) in zip(batch, answers) {
            switch answer {
            case .decided(let decision): results.append(.success(decision.outcome))
            case .refused(let error): results.append(.failure(error))
            case .alone: results.append(await alone(call, on: commands))
            }
        }
        return results
    }

    private static func alone(_ call: Call, on commands: CommandExecutor<Store>) async -> Result<C.Outcome, any Error> {
        await TraceContext.$current.withValue(call.trace) {
            do { return .success(try await commands.run(call.command)) } catch { return .failure(error) }
        }
    }
}

extension CommandExecutor {
    /// Runs a batch in one transaction and returns once that is durable.
    fileprivate func runAll<C: BatchCommand>(_ batch: [BatchExecutor<Store, C>.Call]) async throws -> [BatchAnswer<
        C.Outcome, C.Emitted
    >]
    where C.Transaction == Store.Transaction {
        let (answers, emitted) = try await store.transaction { [self] transaction in
            let now = clock.now()
            let answers = try C.executeAll(
                batch.map { $0.command }, in: Step(transaction: transaction, now: now, ids: ids))
            guard answers.count == batch.count else {
                throw SagaFault.permanent(.contract, "\(C.id) gave \(answers.count) answers to \(batch.count) commands")
            }
            var emitted: [Envelope] = []
            for (call, answer) in zip(batch, answers) {
                guard case .decided(let decision) = answer else { continue }
                emitted += try sealed(decision, at: now, in: call.trace?.traceparent)
            }
            try store.append(emitted, in: transaction)
            try probe.reach(.commandBeforeCommit)
            return (answers, emitted)
        }
        try probe.reach(.commandAfterCommit)
        if !emitted.isEmpty { observer.committed(emitted) }
        return answers
    }
}
