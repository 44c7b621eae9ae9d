import SagaChoreography

// What the JSON of shared values says beyond their Swift types, for the published contracts of events.

extension EntityID {
    /// A UUID.
    public static var dataSchema: DataSchema { .uuid }
    /// Always the same id for the same kind of thing.
    public static var example: Self { Self(ExampleID.make(String(describing: Self.self))) }
}

extension OrderID: SchemaDescribing {}
extension UserID: SchemaDescribing {}
extension ItemID: SchemaDescribing {}
extension CategoryID: SchemaDescribing {}
extension CouponID: SchemaDescribing {}
extension UserCouponID: SchemaDescribing {}

extension Money: SchemaDescribing {
    public static var dataSchema: DataSchema {
        var schema = DataSchema(.integer)
        schema.unit = "minor units of the currency"
        return schema
    }
    public static var example: Money { Money(10_000) }
}

extension Currency: SchemaDescribing {
    public static var dataSchema: DataSchema {
        var schema = DataSchema(.string)
        schema.pattern = "^[A-Z]{3}$"
        schema.examples = [krw.code]
        return schema
    }
    public static var example: Currency { .krw }
}

extension CouponChoice: SchemaDescribing {
    public static var dataSchema: DataSchema {
        var schema = DataSchema(nil)
        schema.shapes = [
            .object(["owned": .object(["_0": .uuid])]), .object(["code": .object(["_0": DataSchema(.string)])]),
        ]
        return schema
    }
    public static var example: CouponChoice { .owned(.example) }
}

extension OrderFacts: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = [
        "total": FieldNote(minimum: 0, number: 20_000), "discount": FieldNote(minimum: 0, number: 2_000),
        "final": FieldNote(minimum: 0, number: 18_000),
        "deadline": FieldNote(number: Timestamp.example.milliseconds + 300_000),
    ]
}

extension OrderLine: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = [
        "name": FieldNote(text: "Sword"), "unitPrice": FieldNote(minimum: 0, number: 10_000),
        "quantity": FieldNote(minimum: 1, number: 2),
    ]
}

extension CatalogEntry: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = [
        "name": FieldNote(text: "Sword"), "price": FieldNote(minimum: 0), "revision": FieldNote(minimum: 1),
    ]
}

extension PaymentReserved: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = ["slotCapacity": FieldNote(minimum: 0, number: 100)]
}

extension CouponCreated: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = [
        "code": FieldNote(text: "spring"), "totalQuantity": FieldNote(minimum: 0, number: 100),
    ]
}

extension CouponIssued: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = ["remaining": FieldNote(minimum: 0, number: 99)]
}

extension CouponLowStock: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = [
        "remaining": FieldNote(minimum: 0, number: 10), "totalQuantity": FieldNote(minimum: 0, number: 100),
    ]
}

extension CouponOutOfStock: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = ["totalQuantity": FieldNote(minimum: 0, number: 100)]
}

extension CouponExpiringWarning: FieldsDescribing {
    public static let fieldNotes: [String: FieldNote] = ["code": FieldNote(text: "spring")]
}
