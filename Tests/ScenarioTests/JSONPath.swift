import Foundation
import SagaChoreography

/// Changes one place of a JSON document; `[]` in a path stands for every element.
enum JSONPath {
    static func removing(_ path: ArraySlice<String>, from json: Data) throws -> Data {
        try data(change(JSONSerialization.jsonObject(with: json), at: path, to: nil))
    }

    static func setting(_ path: ArraySlice<String>, to value: Any, in json: Data) throws -> Data {
        try data(change(JSONSerialization.jsonObject(with: json), at: path, to: value))
    }

    private static func data(_ json: Any) throws -> Data {
        try JSONSerialization.data(withJSONObject: json, options: .sortedKeys)
    }

    private static func change(_ json: Any, at path: ArraySlice<String>, to value: Any?) -> Any {
        guard let name = path.first else { return json }
        if name == "[]" { return (json as? [Any] ?? []).map { change($0, at: path.dropFirst(), to: value) } }
        guard var object = json as? [String: Any] else { return json }
        object[name] = path.count == 1 ? value : object[name].map { change($0, at: path.dropFirst(), to: value) }
        return object
    }
}

extension DataSchema {
    /// Paths of the fields that are always there, `[]` for elements.
    var requiredPaths: [[String]] { paths { $0.required.contains($1) } }
    /// Paths of the fields that may be left out.
    var optionalPaths: [[String]] { paths { !$0.required.contains($1) } }

    private func paths(_ isWanted: (DataSchema, String) -> Bool) -> [[String]] {
        let own = (fields ?? [:]).sorted { $0.key < $1.key }.flatMap { name, schema in
            (isWanted(self, name) ? [[name]] : []) + schema.paths(isWanted).map { [name] + $0 }
        }
        return own + elements.flatMap { $0.paths(isWanted).map { ["[]"] + $0 } }
    }

    mutating func remove(_ path: ArraySlice<String>) {
        guard let name = path.first else { return }
        if name == "[]" {
            elements[0].remove(path.dropFirst())
        } else if path.count == 1 {
            fields?[name] = nil
            required.remove(name)
        } else {
            fields?[name]?.remove(path.dropFirst())
        }
    }
}

extension EventContract {
    func with(_ schema: DataSchema) -> EventContract {
        EventContract(
            type: type, version: version, schema: schema, isTerminal: isTerminal, emitters: emitters,
            consumers: consumers)
    }
}

extension Envelope {
    func with(_ data: Data) -> Envelope {
        Envelope(
            id: id, type: type, version: version, source: source, subject: subject, time: time,
            correlationID: correlationID, causationID: causationID, traceparent: traceparent, data: data)
    }
}
