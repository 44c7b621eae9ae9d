import Audit
import MongoAuditAdapter

extension ConfigurationParser {
    /// MongoDB beside the audit trail's log; `nil`: there is none. Where the storage type has no use for it any more, what it has is still
    /// read.
    mutating func auditMongo(_ storage: AuditStorage, _ stage: PurchaseConfiguration.Stage) -> AuditMongo? {
        let primary = auditPrimary(storage)
        let rules = auditRoutes(storage)
        let placement =
            switch storage {
            case .sqlite, .postgresql: AuditPlacement(rest: .log)
            case .mongodb: AuditPlacement(rest: .store)
            case .dual: AuditPlacement(rest: .both)
            case .routed: rules
            }
        guard optional(.mongoURI) != nil || optional(.mongoHost) != nil else {
            if storage.needsMongo {
                complain(.mongoURI, "is required by AUDIT_STORAGE_TYPE=\(storage.rawValue); or set MONGODB_HOST")
            }
            let unused: [ConfigurationKey] = [.mongoUsername, .mongoPassword, .mongoReplicaSet]
            for key in unused where optional(key) != nil {
                complain(key, "is set without MONGODB_HOST: say where MongoDB is, or leave it out")
            }
            if primary == .store {
                complain(.auditPrimary, "is mongodb, and neither MONGODB_URI nor MONGODB_HOST is set")
            }
            return nil
        }
        guard let settings = mongoSettings() else { return nil }
        if settings.password == nil, stage == .production {
            complain(.mongoPassword, "is required in production; or put user and password into MONGODB_URI")
        }
        return AuditMongo(settings: settings, placement: placement, primary: primary)
    }

    private mutating func mongoSettings() -> MongoSettings? {
        do {
            var settings: MongoSettings
            if let uri = optional(.mongoURI) {
                let parts: [ConfigurationKey] = [
                    .mongoHost, .mongoPort, .mongoDatabase, .mongoUsername, .mongoPassword, .mongoAuthSource, .mongoSSL,
                    .mongoReplicaSet,
                ]
                for key in parts where optional(key) != nil {
                    complain(key, "is set beside MONGODB_URI, which says it already; leave one of them out")
                }
                settings = try MongoSettings(uri: uri)
            } else {
                settings = try MongoSettings(
                    host: text(.mongoHost), port: integer(.mongoPort, in: 1...65_535), database: text(.mongoDatabase),
                    username: optional(.mongoUsername), password: optional(.mongoPassword),
                    authSource: text(.mongoAuthSource), ssl: boolean(.mongoSSL), replicaSet: optional(.mongoReplicaSet))
            }
            settings.poolSize = integer(.mongoPoolSize, in: 1...100)
            settings.connectTimeout = .milliseconds(integer(.mongoConnectTimeout, in: 100...600_000))
            settings.serverSelectionTimeout = .milliseconds(integer(.mongoSelectionTimeout, in: 100...600_000))
            settings.socketTimeout = .milliseconds(integer(.mongoSocketTimeout, in: 100...600_000))
            return settings
        } catch {
            complain(optional(.mongoURI) == nil ? .mongoHost : .mongoURI, "\(error)")
            return nil
        }
    }

    private mutating func auditPrimary(_ storage: AuditStorage) -> AuditReader.Primary {
        guard let primary = optional(.auditPrimary) else {
            _ = assume(.auditPrimary, storage == .mongodb ? "mongodb" : "own")
            return storage == .mongodb ? .store : .log
        }
        oneOf(.auditPrimary, ["own", "mongodb"], later: [])
        return primary == "mongodb" ? .store : .log
    }

    private mutating func auditRoutes(_ storage: AuditStorage) -> AuditPlacement {
        guard optional(.auditRoutes) != nil else { return .routed }
        if storage != .routed {
            complain(.auditRoutes, "is only for AUDIT_STORAGE_TYPE=routed, which is \(storage.rawValue)")
        }
        let expected =
            "rules with commas between, each what:where: a severity such as 4+, security, or what an action begins with, such as "
            + "order.*; then own, mongodb or both; the last one *:where, for everything else"
        return value(.auditRoutes, expected: expected) { AuditPlacement(rules: $0) } ?? .routed
    }
}

extension AuditPlacement {
    /// Reads `4+:both,security:own,*:mongodb`; `nil` for anything else.
    init?(rules text: String) {
        var parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            part.split(separator: ":", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        }
        guard parts.allSatisfy({ $0.count == 2 }), let rest = parts.popLast(), rest[0] == "*",
            let others = Self.places(rest[1])
        else { return nil }
        var rules: [Rule] = []
        for part in parts {
            guard let places = Self.places(part[1]), let rule = Rule(part[0], places) else { return nil }
            rules.append(rule)
        }
        self.init(rules: rules, rest: others)
    }

    private static func places(_ text: String) -> AuditPlaces? {
        switch text {
        case "own": .log
        case "mongodb": .store
        case "both": .both
        default: nil
        }
    }
}

extension AuditPlacement.Rule {
    fileprivate init?(_ text: String, _ places: AuditPlaces) {
        if text == "security" {
            self.init(isSecurity: true, places: places)
        } else if text.hasSuffix("+"), let number = Int64(text.dropLast()),
            let severity = AuditEntry.Severity(rawValue: number)
        {
            self.init(severity: severity, places: places)
        } else if text.hasSuffix("*"), case let prefix = text.dropLast(), !prefix.isEmpty, !prefix.contains("*") {
            self.init(action: String(prefix), places: places)
        } else {
            return nil
        }
    }
}
