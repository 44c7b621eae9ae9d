import Items
import PurchaseContracts

/// A category as it is answered.
struct CategoryBody: Described {
    static let schema = Schema.object(
        "Category", [.required("id", .id), .required("name", .string), .required("createdAt", .time)])

    let id: String
    let name: String
    let createdAt: String

    init(_ category: Items.Category) {
        id = category.id.description
        name = category.name
        createdAt = category.createdAt.description
    }
}

/// The body of POST /categories and PATCH /categories/{id}.
enum CategoryInput {
    static let name = Field.text("name", maximum: ItemLimits.name.upperBound)
    static let schema = BodySchema("CategoryInput", [name.property])

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func read(_ body: JSONValue) throws(APIError) -> String {
        var fields = FieldReader(body, as: schema)
        let name = fields.read(name)
        try fields.finish()
        guard let name else { throw .invalid([]) }
        return name
    }
}
