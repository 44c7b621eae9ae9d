import Audit
import SQLCore
import SagaChoreography
import SagaSQL

/// What keeps the audit trail of a composed system.
public struct AuditTrail: Sendable {
    private let recorder: AuditRecorder
    private let changes: ChangeRecorder

    init(
        _ policy: AuditPolicy, on database: any SQLDatabase, from transport: some EventTransport<any SQLTransaction>,
        _ ports: PurchaseSystem.Ports
    ) {
        recorder = AuditRecorder(
            on: database, from: transport, clock: ports.clock, policy: policy, hash: SHA256Hash(), probe: ports.probe)
        changes = ChangeRecorder(on: database, clock: ports.clock, policy: policy, hash: SHA256Hash())
    }

    var activities: [any Activity] { [recorder, changes] }

    /// Records what waits now, however little it is.
    ///
    /// - Throws: ``SQLError``; ``SagaFault`` `.unavailable` if the transport is away. Nothing is lost then.
    public func flush() async throws {
        try await recorder.flush()
        try await changes.flush()
    }
}
