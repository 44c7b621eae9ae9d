import PurchaseContracts

/// The bodies of the paths under /auth.
enum AccessInput {
    /// Characters; long enough to be worth hashing, short enough to be hashed soon.
    static let passwordLength = 10...128

    static let name = Field.text("name", maximum: 100)
    static let newPassword = Field.secret("password", count: passwordLength)
    /// What was accepted once is compared as it is.
    static let anyPassword = Field.secret("password", count: 1...128)
    static let currentPassword = Field.secret("currentPassword", count: 1...128)
    static let nextPassword = Field.secret("newPassword", count: passwordLength)

    static let registration = BodySchema("Registration", [name.property, newPassword.property])
    static let login = BodySchema("Login", [name.property, anyPassword.property])
    static let passwordChange = BodySchema("PasswordChange", [currentPassword.property, nextPassword.property])

    struct Credentials: Sendable {
        let name: String
        let password: String
    }

    /// - Throws: ``APIError`` 422 with everything that is wrong; a password that is the name is.
    static func readRegistration(_ body: JSONValue) throws(APIError) -> Credentials {
        var fields = FieldReader(body, as: registration)
        let name = fields.read(name)
        let password = fields.read(newPassword)
        if let name, let password, password.lowercased() == name.lowercased() {
            fields.report("password", .passwordIsName)
        }
        try fields.finish()
        guard let name, let password else { throw .invalid([]) }
        return Credentials(name: name, password: password)
    }

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func readLogin(_ body: JSONValue) throws(APIError) -> Credentials {
        var fields = FieldReader(body, as: login)
        let name = fields.read(name)
        let password = fields.read(anyPassword)
        try fields.finish()
        guard let name, let password else { throw .invalid([]) }
        return Credentials(name: name, password: password)
    }

    /// - Throws: ``APIError`` 422 with everything that is wrong.
    static func readPasswordChange(_ body: JSONValue) throws(APIError) -> (current: String, next: String) {
        var fields = FieldReader(body, as: passwordChange)
        let current = fields.read(currentPassword)
        let next = fields.read(nextPassword)
        try fields.finish()
        guard let current, let next else { throw .invalid([]) }
        return (current, next)
    }
}
