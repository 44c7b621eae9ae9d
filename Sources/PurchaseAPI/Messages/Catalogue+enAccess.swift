extension Catalogue {
    /// The wording of accounts and access.
    static let accessEnglish: [String: Wording] = [
        "access.signature-refused": .init("Not signed", "This is not signed by whom it would have to be."),
        "access.token-without-id": .init(
            "Token without id", "This token was signed without an id and cannot be ended before its time."),
        "access.too-many-logins": .init(
            "Too many failed logins", "There were too many failed logins; wait as long as Retry-After says."),
        "access.wrong-credentials": .init("Wrong name or password", "Name and password do not belong together."),
        "access.wrong-password": .init("Wrong password", "The current password is another one."),
        "field.email-address": .init("Mail address", "It must be one mail address in ASCII characters."),
        "field.password-is-name": .init("Password", "The password must not be the name."),
        "notifications.off": .init(
            "Notifications are off", "No channel is configured; see NOTIFICATION_ENABLED and NOTIFICATION_TYPE."),
        "users.key-reused": .init("Idempotency-Key used", "This Idempotency-Key was used for another deposit."),
        "users.last-admin": .init("Last administrator", "Somebody must remain who may administer."),
        "users.name-taken": .init("Name taken", "This name belongs to somebody else."),
        "users.own-rights": .init("Own rights", "Nobody can take his own administrator rights away."),
        "users.wallet-full": .init("Wallet full", "The wallet cannot hold that much."),
    ]
}
