import PurchaseContracts

/// A mail address, with the name that is shown with it: `orders@shop.example` or `A Shop <orders@shop.example>`.
public struct Mailbox: Sendable, Hashable {
    /// Shown by mail programs; `nil`: the address alone.
    public let name: String?
    public let address: EmailAddress

    public init(name: String? = nil, address: EmailAddress) {
        self.name = name
        self.address = address
    }

    /// Reads either form; `nil` for anything else.
    public init?(_ text: String) {
        if let address = EmailAddress(text) {
            self.init(address: address)
            return
        }
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<"),
            let address = EmailAddress(text[text.index(after: open)...].dropLast())
        else { return nil }
        let name = text[..<open].drop { $0 == " " }
        let trimmed = String(name.reversed().drop { $0 == " " }.reversed())
        guard !trimmed.isEmpty, trimmed.utf8.count <= 100,
            !trimmed.unicodeScalars.contains(where: { scalar in
                scalar == "<" || scalar == ">" || scalar.properties.generalCategory == .control
            })
        else { return nil }
        self.init(name: trimmed, address: address)
    }
}
