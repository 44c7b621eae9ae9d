import PurchaseContracts

/// Where a user's e-mail address is asked for when a message is about to be sent. Notifications keeps no copy of it.
public protocol RecipientDirectory: Sendable {
    /// - Returns: `nil` if the user told none.
    /// - Throws: any error; the message is then tried again later.
    func emailAddress(of user: UserID) async throws -> EmailAddress?
}
