import PurchaseContracts
import Testing

@testable import PurchaseAPI

/// The description of a mail address and its reader are two texts of one rule.
@Suite struct `The description of a mail address` {
    private static let schema = Field<EmailAddress>.email("email").schema.json

    /// Whether the schema takes it.
    private func describes(_ text: String) throws -> Bool {
        let pattern = try Regex(Self.schema.text("pattern"))
        let longest = Int(try Self.schema.number("maxLength"))
        return text.unicodeScalars.count <= longest && text.contains(pattern)
    }

    @Test(arguments: [
        "kim@shop.example", "a@b", "o'neil+tag@mail.shop.example", "1.2.3@4.5", "90.Hs$./oBY*.YZ%}.D5@2.hC--QERW",
        "\(String(repeating: "a", count: 64))@b", "a@\(String(repeating: "b", count: 63)).c",
    ])
    func `takes what is taken`(text: String) throws {
        #expect(EmailAddress(text) != nil)
        #expect(try describes(text))
    }

    @Test(arguments: [
        "", "kim", "@b", "a@", "a@b@c", ".a@b", "a.@b", "a..b@c", "a b@c", "a@-b", "a@b-", "a@b..c", "a@b.", "김@b",
        "\(String(repeating: "a", count: 65))@b", "a@\(String(repeating: "b", count: 64)).c",
        "a@\(Array(repeating: "b", count: 127).joined(separator: "."))",
    ])
    func `refuses what is refused`(text: String) throws {
        #expect(EmailAddress(text) == nil)
        #expect(try !describes(text))
    }

    @Test func `names no format, which others check by other rules`() throws {
        guard case .object(let members) = Self.schema else { throw NoObject() }
        #expect(members["format"] == nil)
    }

    private struct NoObject: Error {}
}
