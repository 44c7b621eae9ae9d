import Audit
import SQLCore
import SagaChoreography
import SagaSQL

/// What happens to a whole database, from the command line, as a row of the audit trail: in the transaction that ends it.
enum DatabaseRecord {
    case restored(from: String, settledOrders: Int)
    case imported(from: String, rows: Int64)

    func write(in transaction: any SQLTransaction, at clock: some SagaClock) throws {
        let step = SQLStep(
            transaction: transaction, now: clock.now(), ids: UUIDv7Generator(clock: clock, random: SystemRandom()))
        try AuditLog.write(record, in: step)
    }

    private var record: AuditRecord {
        let (action, details) =
            switch self {
            case .restored(let file, let orders): ("database.restored", ["from": file, "settledOrders": "\(orders)"])
            case .imported(let file, let rows): ("database.imported", ["from": file, "rows": "\(rows)"])
            }
        return AuditRecord(
            service: AuditParticipant.service, action: action, resource: "database", resourceID: "purchase", actor: nil,
            severity: .critical, details: details)
    }
}
