extension Catalogue {
    /// The wording of what is refused of the audit trail.
    static let auditEnglish: [String: Wording] = [
        "audit.hold-not-found": .init("Hold not found", "There is no such hold in force."),
        "audit.read-only": .init(
            "The audit trail is only read here",
            "This process's role in the database may not change it. Use purchase audit cleanup, hold or release as a role that may."
        ),
    ]
}
