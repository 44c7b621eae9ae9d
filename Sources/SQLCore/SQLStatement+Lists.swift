extension SQLStatement {
    private static let dollar = UInt8(ascii: "$")

    /// The same statement without lists, for a database that has no arrays: each is written out as that many placeholders.
    ///
    /// The number of placeholders is a power of two, filled up with the last value, which changes nothing in an `IN`: so there are few
    /// different texts, and the database keeps few prepared statements.
    public var withoutLists: SQLStatement {
        guard values.contains(where: \.isList) else { return self }
        var text: [UInt8] = []
        text.reserveCapacity(self.text.utf8.count + 256)
        var flat: [SQLValue] = []
        var rest = self.text.utf8[...]
        // Values are bound in the order in which their placeholders first appear.
        var known: Set<Int> = []
        while let start = rest.firstIndex(of: Self.dollar) {
            text += rest[..<start]
            let digits = rest[rest.index(after: start)...].prefix { (48...57).contains($0) }
            rest = rest[digits.endIndex...]
            let name = "$" + String(decoding: digits, as: UTF8.self)
            guard let number = Int(String(decoding: digits, as: UTF8.self)), values.indices.contains(number - 1) else {
                text += name.utf8
                continue
            }
            let isNew = known.insert(number).inserted
            guard case .list(let list) = values[number - 1] else {
                text += name.utf8
                if isNew { flat.append(values[number - 1]) }
                continue
            }
            let padded = Self.padded(list)
            for index in padded.indices {
                if index > 0 { text += ", ".utf8 }
                text += "\(name)_\(index)".utf8
            }
            if isNew { flat += padded }
        }
        text += rest
        return SQLStatement(String(decoding: text, as: UTF8.self), values: flat)
    }

    private static func padded(_ list: [SQLValue]) -> [SQLValue] {
        guard let last = list.last else { return [] }
        var length = 1
        while length < list.count { length *= 2 }
        return list + repeatElement(last, count: length - list.count)
    }

    /// The text for a database with arrays: what is in a list is compared with any or all of its elements.
    public var textWithArrays: String {
        var text = text
        for (index, value) in values.enumerated() where value.isList {
            text = text.replacing("NOT IN ($\(index + 1))", with: "<> ALL ($\(index + 1))")
            text = text.replacing("IN ($\(index + 1))", with: "= ANY ($\(index + 1))")
        }
        return text
    }
}

extension SQLValue {
    var isList: Bool { if case .list = self { true } else { false } }
}
