import SagaChoreography

/// Where an entry belongs.
public enum AuditPlaces: String, Sendable, CaseIterable {
    /// To the log in the services' own database.
    case log
    /// To the store beside it, once that has it and the log's segment is full.
    case store
    case both
}

/// Says of each entry where it belongs.
public struct AuditPlacement: Sendable, Hashable {
    /// What a rule is about; the first that fits decides.
    public struct Rule: Sendable, Hashable {
        /// At least as severe; `nil`: however severe.
        public var severity: AuditEntry.Severity?
        /// What an action begins with; `nil`: whatever was done.
        public var action: String?
        /// Refused access, failed logins, whatever was blocked, accounts and their roles.
        public var isSecurity: Bool
        public var places: AuditPlaces

        public init(
            severity: AuditEntry.Severity? = nil, action: String? = nil, isSecurity: Bool = false, places: AuditPlaces
        ) {
            self.severity = severity
            self.action = action
            self.isSecurity = isSecurity
            self.places = places
        }

        func fits(_ entry: AuditEntry) -> Bool {
            if let severity, entry.severity.rawValue < severity.rawValue { return false }
            if let action, !entry.action.hasPrefix(action) { return false }
            return !isSecurity || entry.isSecurity
        }
    }

    /// In order.
    public var rules: [Rule]
    /// Where everything else belongs.
    public var rest: AuditPlaces

    public init(rules: [Rule] = [], rest: AuditPlaces) {
        self.rules = rules
        self.rest = rest
    }

    /// What matters most to both, whatever touches security to the log, the rest to the store.
    public static let routed = AuditPlacement(
        rules: [Rule(severity: .critical, places: .both), Rule(isSecurity: true, places: .log)], rest: .store)

    /// Whether something belongs to the store beside the log.
    public var feedsAnything: Bool { rest != .log || rules.contains { $0.places != .log } }

    /// Whether something belongs to that store alone.
    public var movesAnything: Bool { rest == .store || rules.contains { $0.places == .store } }

    /// Where an entry belongs.
    public func places(of entry: AuditEntry) -> AuditPlaces {
        let places = rules.first { $0.fits(entry) }?.places ?? rest
        // The log's own proof of what retention took stays in it.
        return places == .store && entry.action == ChainCheck.cleanup ? .both : places
    }
}

extension AuditEntry {
    /// Of the security family: as ``AuditFilter/isSecurity`` finds them, and what changes who may do what.
    var isSecurity: Bool {
        status == .blocked || AuditFilter.securityActions.contains(action)
            || Self.securityFamilies.contains { action.hasPrefix($0) }
    }

    private static let securityFamilies = [
        "api.access", "users.activated", "users.changed", "users.created", "users.deactivated", "users.logged",
        "users.login", "users.password",
    ]
}
