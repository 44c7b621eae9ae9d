import FoundationEssentials

extension DataSchema {
    /// JSON of this schema, with every field, optional ones included.
    public func exampleData() -> Data {
        var json = JSONWriter()
        write(to: &json, for: "")
        return Data(json.bytes)
    }

    private func write(to json: inout JSONWriter, for name: String) {
        if let shape = shapes.first { return shape.write(to: &json, for: name) }
        switch kind {
        case .object:
            json.object { json in
                for (name, schema) in (fields ?? [:]).sorted(by: { $0.key < $1.key }) {
                    json.key(name)
                    schema.write(to: &json, for: name)
                }
                for schema in values {
                    json.key("available")
                    schema.write(to: &json, for: name)
                }
            }
        case .array: json.array { json in for schema in elements { schema.write(to: &json, for: name) } }
        case .integer, .number: json.integer(max(1, minimum ?? 1))
        case .boolean: json.written(Array("true".utf8))
        case .string, nil:
            if format == "uuid" {
                json.uuid(ExampleID.make(name))
            } else {
                json.string(known?.first ?? examples?.first ?? "text")
            }
        }
    }
}
