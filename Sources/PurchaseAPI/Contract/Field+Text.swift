import PurchaseContracts

extension Field where Value == String {
    /// A text for people: not blank, no control characters, at most `maximum` Unicode scalars.
    ///
    /// - Parameter isMultiline: whether line breaks and tabs are let through.
    static func text(_ name: String, maximum: Int, isMultiline: Bool = false) -> Field {
        let refused =
            isMultiline ? #"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"# : #"\u0000-\u001f\u007f-\u009f"#
        let schema = Schema([
            "type": "string", "minLength": 1, "maxLength": .number("\(maximum)"),
            "pattern": .string("^[^\(refused)]*[^\\s\(refused)][^\(refused)]*$"),
        ])
        return Field(name, schema) { value throws(Fault) in
            guard case .string(let text) = value else { throw Fault(code: .string) }
            func isControl(_ scalar: Unicode.Scalar) -> Bool {
                scalar.properties.generalCategory == .control
                    && !(isMultiline && (scalar == "\n" || scalar == "\r" || scalar == "\t"))
            }
            if text.unicodeScalars.allSatisfy({ $0.properties.isWhitespace }) { throw Fault(code: .blank) }
            if text.unicodeScalars.contains(where: isControl) { throw Fault(code: .controlCharacters) }
            guard text.unicodeScalars.count <= maximum else {
                throw Fault(code: .length, parameters: ["maximum": Int64(maximum)])
            }
            return text
        }
    }

    /// A secret that a person chose: any characters, counted in Unicode scalars, never shown again.
    static func secret(_ name: String, count: ClosedRange<Int>) -> Field {
        let schema = Schema([
            "type": "string", "format": "password", "minLength": .number("\(count.lowerBound)"),
            "maxLength": .number("\(count.upperBound)"), "pattern": #"^[^\u0000]*$"#,
        ])
        return Field(name, schema) { value throws(Fault) in
            guard case .string(let text) = value else { throw Fault(code: .string) }
            guard count.contains(text.unicodeScalars.count) else {
                throw Fault(
                    code: .secretLength,
                    parameters: ["minimum": Int64(count.lowerBound), "maximum": Int64(count.upperBound)])
            }
            return text
        }
    }
}

extension Field where Value == EmailAddress {
    /// One mail address.
    static func email(_ name: String) -> Field {
        let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
        let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        // No format: whoever checks one takes some of these for none, such as a label with two hyphens in third place. Nor anything that
        // has to come first ("(?=…)"), which what makes up requests does not find.
        let schema = Schema([
            "type": "string", "minLength": 3,
            "maxLength": .number("\(EmailAddress.maximumLength)"),
            "pattern": .string("^(?![^@]{65})\(atom)(\\.\(atom))*@\(label)(\\.\(label))*$"),
        ])
        return Field(name, schema) { value throws(Fault) in
            guard case .string(let text) = value else { throw Fault(code: .string) }
            guard let address = EmailAddress(text) else { throw Fault(code: .emailAddress) }
            return address
        }
    }
}
