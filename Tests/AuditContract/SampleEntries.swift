import Audit
import Foundation
import SagaChoreography

/// Entries as a log would give them.
package enum SampleEntries {
    /// 2026-01-01T00:00:00Z.
    static let start = Timestamp(milliseconds: 1_767_225_600_000)

    /// So many hours after the start.
    package static func hour(_ hours: Int) -> Timestamp { start + .seconds(hours * 3600) }

    /// An id that belongs to a number and a kind.
    static func id(_ kind: UInt8, _ number: Int64) -> UUID {
        var bytes = [kind, 0x9A, 0, 0xFF, 0x10, 0x20, 0x70, 0x01] + Array(repeating: UInt8(0), count: 8)
        withUnsafeBytes(of: number.bigEndian) { bytes.replaceSubrange(8..<16, with: $0) }
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    static func hash(_ number: Int64) -> Data {
        Data((0..<32).map { UInt8(truncatingIfNeeded: number &* 31 &+ Int64($0) &* 7) })
    }

    /// What most of the time is there; everything that may be missing is missing.
    package static func entry(_ sequence: Int64, _ change: (inout AuditEntry) -> Void = { _ in }) -> LoggedEntry {
        let time = start + .seconds(sequence % 1_000_000)
        var entry = AuditEntry(
            id: id(1, sequence), action: "order.completed", resource: "order", resourceID: "order-\(sequence)",
            actor: .init(userID: nil), occurredAt: time, status: .success, severity: .high,
            details: Data(#"{"total":"5000"}"#.utf8), correlationID: nil, service: "orders")
        change(&entry)
        return LoggedEntry(entry, sequence: sequence, recordedAt: time + .milliseconds(7), hash: hash(sequence))
    }

    /// Entries of every kind, the same each time.
    package static func varied(_ places: ClosedRange<Int64>) -> [LoggedEntry] { places.map(varied) }

    static let actions = ["order.completed", "items.stock-set", "users.login-failed", "api.access-refused"]
    static let details = [
        #"{"total":"5000"}"#, #"{ "reason" :  "100% Rabatt_A [b] \\ (c) ^d$ e.f*g+h?{i}|j" }"#,
        #"{"item":"마법검","note":"품절"}"#, "{\"lines\":\n\t[1,\r\n 2]}",
        "{\"name\":\"ÄÖÜ ß \u{17F} \u{212A} İ e\u{301}\"}", "{}",
    ]
    static let resourceIDs = ["sword-1", "SWORD_2", "마법검%3", "a.b", "a\\b"]

    private static func varied(_ sequence: Int64) -> LoggedEntry {
        let n = Int(sequence)
        return entry(sequence) { entry in
            entry.action = actions[n % 4]
            entry.resource = ["order", "item", "user"][n % 3]
            entry.resourceID = resourceIDs[n % 5]
            if n % 2 == 0 { entry.actor = .init(userID: id(2, sequence % 3), role: "admin", ipAddress: "::1") }
            // Several a day, several days, not in the order of their places.
            entry.occurredAt = start + .milliseconds((sequence * 37 % 90) * 3_600_000)
            entry.status = [.success, .success, .failed, .blocked, .success][n % 5]
            entry.severity = AuditEntry.Severity(rawValue: Int64(n / 2 % 5 + 1)) ?? .low
            entry.details = Data(details[n % 6].utf8)
            if n % 3 != 0 { entry.correlationID = id(3, sequence % 4) }
            entry.service = ["orders", "items", "users"][n % 3]
        }
    }
}
