import MongoAuditAdapter
import Testing

@Suite struct `Settings of MongoDB` {
    @Test func `come from a URI, with what it says of the pool and of time`() throws {
        let settings = try MongoSettings(
            uri: """
                mongodb://audit:p%40ss%3Aw%C3%B6rd@db-1.example:27018,db-2.example/trail?replicaSet=rs0&authSource=users\
                &tls=true&maxPoolSize=7&connectTimeoutMS=1500&serverSelectionTimeoutMS=2500&socketTimeoutMS=9000
                """)
        #expect(settings.host == "db-1.example")
        #expect(settings.port == 27018)
        #expect(settings.database == "trail")
        #expect(settings.username == "audit")
        #expect(settings.password == "p@ss:wörd")
        #expect(settings.authSource == "users")
        #expect(settings.ssl)
        #expect(settings.replicaSet == "rs0")
        #expect(settings.poolSize == 7)
        #expect(settings.connectTimeout == .milliseconds(1500))
        #expect(settings.serverSelectionTimeout == .milliseconds(2500))
        #expect(settings.socketTimeout == .seconds(9))
    }

    @Test func `have bounds where a URI names none`() throws {
        for uri in [
            "mongodb://127.0.0.1/trail", "mongodb://127.0.0.1/trail?socketTimeoutMS=0&maxPoolSize=0",
            "mongodb+srv://cluster.example.com/trail",
        ] {
            let settings = try MongoSettings(uri: uri)
            #expect(settings.poolSize == 4)
            #expect(settings.connectTimeout == .seconds(5))
            #expect(settings.serverSelectionTimeout == .seconds(5))
            #expect(settings.socketTimeout == .seconds(30))
        }
    }

    @Test(arguments: [
        "", "redis://127.0.0.1/trail", "mongodb://127.0.0.1", "mongodb://127.0.0.1/", "mongodb:///trail",
        "mongodb://audit:s3cret@word@127.0.0.1/trail", "mongodb://audit:s3cret/word@127.0.0.1/trail",
        "mongodb://audit:s3cret%@127.0.0.1/trail", "mongodb://127.0.0.1:99999/trail",
    ])
    func `that cannot be right are refused, and no word of a password is told`(uri: String) throws {
        let error = try #require(throws: MongoSettingsError.self) { try MongoSettings(uri: uri) }
        #expect(!"\(error)".contains("s3cret") && !"\(error)".contains("word@1"))
    }

    @Test func `by parts are refused where they cannot be right`() {
        #expect(throws: MongoSettingsError.self) { try MongoSettings(host: "", database: "trail") }
        #expect(throws: MongoSettingsError.self) { try MongoSettings(port: 0, database: "trail") }
        #expect(throws: MongoSettingsError.self) { try MongoSettings(database: "") }
        #expect(throws: MongoSettingsError.self) { try MongoSettings(database: "a.b") }
        #expect(throws: MongoSettingsError.self) { try MongoSettings(database: "trail", username: "audit") }
        #expect(throws: MongoSettingsError.self) { try MongoSettings(database: "trail", poolSize: 0) }
    }

    @Test func `never show the password`() throws {
        let settings = try MongoSettings(database: "trail", username: "audit", password: "s3cret")
        var dumped = ""
        dump(settings, to: &dumped)
        for text in ["\(settings)", String(reflecting: settings), dumped] {
            #expect(text.contains("mongodb://audit:***@127.0.0.1:27017/trail"))
            #expect(!text.contains("s3cret"))
        }
    }
}
