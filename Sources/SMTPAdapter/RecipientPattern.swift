import PurchaseContracts

/// Where the mail of users goes who told no address: `{user}` in it stands for the user's id, as in
/// `{user}@customers.example`; without it all such mail goes to one address.
public struct RecipientPattern: Sendable, Hashable {
    private static let placeholder = "{user}"
    private let text: String

    /// `nil` if it does not make a mail address for every user.
    public init?(_ text: String) {
        self.text = text
        guard address(ofID: "00000000-0000-0000-0000-000000000000") != nil else { return nil }
    }

    func address(of user: UserID) -> EmailAddress? { address(ofID: user.description) }

    private func address(ofID id: String) -> EmailAddress? {
        EmailAddress(text.replacing(Self.placeholder, with: id))
    }
}
