/// Compares two schemas of the same version of an event, field by field.
struct SchemaComparison {
    let version: ContractBook.Version

    func findings(from old: DataSchema, to new: DataSchema, at path: String) -> [ContractFinding] {
        let place = ContractFinding.Place(version: version, path: path)
        guard old.kind == new.kind, old.values.isEmpty == new.values.isEmpty else {
            return [.typeChanged(place, from: Self.name(old), to: Self.name(new))]
        }
        var findings = limits(from: old, to: new, at: place)
        findings += fields(from: old, to: new, at: path)
        for (old, new) in zip(old.elements, new.elements) {
            findings += self.findings(from: old, to: new, at: "\(path)[]")
        }
        for (old, new) in zip(old.values, new.values) {
            findings += self.findings(from: old, to: new, at: path.isEmpty ? "*" : "\(path).*")
        }
        findings += shapes(from: old, to: new, at: place)
        if old.unit != new.unit {
            findings.append(.unitChanged(place, from: old.unit ?? "none", to: new.unit ?? "none"))
        }
        if (old.title, old.examples) != (new.title, new.examples) {
            findings.append(.reworded(place))
        }
        return findings
    }

    private static func name(_ schema: DataSchema) -> String {
        if !schema.values.isEmpty { return "map" }
        return schema.kind?.rawValue ?? "one of several shapes"
    }

    private func fields(from old: DataSchema, to new: DataSchema, at path: String) -> [ContractFinding] {
        let (before, after) = (old.fields ?? [:], new.fields ?? [:])
        func place(_ name: String) -> ContractFinding.Place {
            .init(version: version, path: path.isEmpty ? name : "\(path).\(name)")
        }
        var findings: [ContractFinding] = []
        for (name, schema) in before {
            guard let now = after[name] else {
                findings.append(.fieldRemoved(place(name), wasRequired: old.required.contains(name)))
                continue
            }
            switch (old.required.contains(name), new.required.contains(name)) {
            case (false, true): findings.append(.fieldNowRequired(place(name)))
            case (true, false): findings.append(.fieldNoLongerRequired(place(name)))
            default: findings += self.findings(from: schema, to: now, at: place(name).path)
            }
        }
        for name in after.keys where before[name] == nil {
            findings.append(
                new.required.contains(name) ? .requiredFieldAdded(place(name)) : .fieldAdded(place(name)))
        }
        return findings
    }

    private func limits(from old: DataSchema, to new: DataSchema, at place: ContractFinding.Place)
        -> [ContractFinding]
    {
        var findings: [ContractFinding] = []
        func compare(_ what: String, _ before: String, _ after: String, isNarrower: Bool) {
            guard before != after else { return }
            findings.append(
                isNarrower
                    ? .narrowed(place, what: what, from: before, to: after)
                    : .widened(place, what: what, from: before, to: after))
        }
        func text(_ number: Int64?) -> String { number.map(String.init) ?? "none" }
        compare(
            "the least number", text(old.minimum), text(new.minimum),
            isNarrower: new.minimum.map { $0 > old.minimum ?? .min } ?? false)
        compare(
            "the greatest number", text(old.maximum), text(new.maximum),
            isNarrower: new.maximum.map { $0 < old.maximum ?? .max } ?? false)
        compare(
            "null", old.isNullable ? "taken" : "refused", new.isNullable ? "taken" : "refused",
            isNarrower: !new.isNullable)
        compare("the format", old.format ?? "any", new.format ?? "any", isNarrower: new.format != nil)
        compare("the pattern", old.pattern ?? "any", new.pattern ?? "any", isNarrower: new.pattern != nil)
        let (before, after) = (old.known, new.known)
        func list(_ known: [String]?) -> String { known?.joined(separator: ", ") ?? "any" }
        if let before, let after, Set(before).isStrictSubset(of: after) {
            findings.append(.knownAdded(place, from: list(before), to: list(after)))
        } else if before.map(Set.init) != after.map(Set.init) {
            compare("what is known", list(before), list(after), isNarrower: after != nil)
        }
        return findings
    }

    /// A shape is recognised by its fields.
    private func shapes(from old: DataSchema, to new: DataSchema, at place: ContractFinding.Place)
        -> [ContractFinding]
    {
        func names(_ shape: DataSchema) -> String { (shape.fields ?? [:]).keys.sorted().joined(separator: "+") }
        var findings: [ContractFinding] = []
        for shape in old.shapes {
            guard let now = new.shapes.first(where: { names($0) == names(shape) }) else {
                findings.append(.narrowed(place, what: "the shape '\(names(shape))'", from: "taken", to: "refused"))
                continue
            }
            findings += self.findings(from: shape, to: now, at: place.path)
        }
        for shape in new.shapes where !old.shapes.contains(where: { names($0) == names(shape) }) {
            findings.append(.widened(place, what: "the shape '\(names(shape))'", from: "refused", to: "taken"))
        }
        return findings
    }
}
