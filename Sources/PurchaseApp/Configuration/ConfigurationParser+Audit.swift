import Audit
import Foundation

extension ConfigurationParser {
    /// How the audit trail is kept; `nil`: it is not.
    mutating func audit(_ database: DatabaseChoice) -> AuditPolicy? {
        let isEnabled = boolean(.auditEnabled)
        let policy = AuditPolicy(
            // No more than a consumer is sent ahead of what it has handled.
            batchSize: integer(.auditBatchSize, in: 1...500),
            batchInterval: .milliseconds(integer(.auditBatchInterval, in: 0...600_000)),
            mask: DetailsMask(maskedFields()))
        return isEnabled ? policy : nil
    }

    /// How long entries are kept.
    mutating func auditRetention() -> AuditRetention {
        let days = integer(.auditRetentionDays, in: 1...36_500)
        let severeDays = integer(.auditSevereRetentionDays, in: 1...36_500)
        let threshold = integer(.auditSevereThreshold, in: 1...5)
        return AuditRetention(
            kept: .seconds(days * 86_400), severeKept: .seconds(severeDays * 86_400),
            threshold: AuditEntry.Severity(rawValue: Int64(threshold)) ?? .critical)
    }

    /// The log is in the services' own database, so that an entry is there if and only if its change is.
    mutating func auditStorage(_ database: DatabaseChoice) -> AuditStorage {
        let (own, other) = if case .sqlite = database { ("sqlite", "postgresql") } else { ("postgresql", "sqlite") }
        guard optional(.auditStorageType) != nil else {
            return AuditStorage(rawValue: assume(.auditStorageType, own)) ?? .sqlite
        }
        oneOf(.auditStorageType, [own, "mongodb", "dual", "routed"], later: [other])
        return AuditStorage(rawValue: text(.auditStorageType)) ?? .sqlite
    }

    private mutating func maskedFields() -> [String] {
        guard optional(.auditMaskFields) != nil else { return [] }
        return value(.auditMaskFields, expected: "names of JSON members with commas between") { text in
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return names.allSatisfy { !$0.isEmpty && !$0.contains("\"") && $0.utf8.count <= 100 } ? names : nil
        } ?? []
    }
}
