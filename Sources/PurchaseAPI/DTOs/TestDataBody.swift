/// The answer to POST /setup-test-data.
struct TestDataBody: Encodable {
    struct User: Encodable {
        let id: String
        let name: String
        let balance: Int64
    }

    struct Tokens: Encodable {
        let user: String
        let admin: String
    }

    struct Content: Encodable {
        let user: User
        let items: [ItemBody]
        let tokens: Tokens
    }

    let success = true
    let message: String
    let data: Content

    private enum CodingKeys: String, CodingKey { case success, message, data }
}
