/// The answer to POST /setup-test-data.
struct TestDataBody: Described {
    static let schema = Schema.object(
        "TestData",
        [
            .required("success", .constant(true)), .required("message", .string),
            .required(
                "data",
                .object(
                    [
                        .required(
                            "user",
                            .object(
                                [.required("id", .id), .required("name", .string), .required("balance", .amount)],
                                allowsOthers: false)),
                        .required("items", .array(of: ItemBody.schema)),
                        .required(
                            "tokens",
                            .object(
                                [.required("user", .string), .required("admin", .string)], allowsOthers: false)),
                    ], allowsOthers: false)),
        ])

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
