import CMongo

/// libmongoc, made ready once a process.
enum MongoLibrary {
    static func start() { started }

    private static let started: Void = {
        cmongo_be_silent()
        mongoc_init()
    }()
}
