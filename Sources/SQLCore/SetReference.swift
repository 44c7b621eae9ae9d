/// A reference of one table's rows to another's that PostgreSQL checks once a statement, not once a row.
///
/// A FOREIGN KEY runs a query for each row and locks the row referred to, lest it be deleted meanwhile: two thirds of what inserting such
/// a row costs. Where rows that are referred to are never deleted and keep their keys, none of that is needed. This says both as
/// constraints: a statement that would delete such a row or change its key is refused, and so is one that adds a row whose other row is
/// not there, with the same SQLSTATE (23503).
public struct SetReference: Sendable {
    let child: String
    let column: String
    let parent: String
    let key: String

    /// - Parameters:
    ///   - column: of `child`, NULL where there is no reference.
    ///   - key: the unique column of `parent` that it names.
    public init(_ child: String, _ column: String, to parent: String, _ key: String) {
        self.child = child
        self.column = column
        self.parent = parent
        self.key = key
    }

    /// What replaces the FOREIGN KEYs of these references by triggers; part of applied migrations, so it must not change.
    ///
    /// - Parameters:
    ///   - references: of tables of one schema.
    ///   - schema: its name.
    public static func statements(_ references: [SetReference], in schema: String) -> String {
        let parents = Set(references.map { "\($0.parent).\($0.key)" }).sorted()
        return """
            CREATE FUNCTION \(schema).\(schema)_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE restrict_violation USING
                    MESSAGE = format('%s of %s is refused: %s', TG_OP, TG_TABLE_NAME, TG_ARGV[0]), TABLE = TG_TABLE_NAME;
            END $$;

            """ + references.map { $0.check(in: schema) }.joined()
                + parents.map { parent in
                    let parts = parent.split(separator: ".")
                    return guarding(String(parts[0]), key: String(parts[1]), in: schema)
                }.joined()
    }

    private func check(in schema: String) -> String {
        let name = "\(child)_\(column)"
        return """
            ALTER TABLE \(schema).\(child) DROP CONSTRAINT \(name)_fkey;
            CREATE FUNCTION \(schema).\(name)_exists() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                -- By a value, not by a join: each row is looked up in the index, whatever the tables' sizes were when this was planned.
                IF EXISTS (SELECT FROM added WHERE \(column) IS NOT NULL AND
                    (SELECT TRUE FROM \(schema).\(parent) AS there WHERE there.\(key) = added.\(column)) IS NULL) THEN
                    RAISE foreign_key_violation USING
                        MESSAGE = 'a row of \(child) names a \(column) that \(parent) does not have',
                        TABLE = '\(child)', CONSTRAINT = '\(name)_exists';
                END IF;
                RETURN NULL;
            END $$;
            -- The argument tells who copies tables which of them comes first.
            CREATE TRIGGER \(name)_exists AFTER INSERT ON \(schema).\(child) REFERENCING NEW TABLE AS added
                FOR EACH STATEMENT EXECUTE FUNCTION \(schema).\(name)_exists('\(parent)');
            CREATE TRIGGER \(name)_stays BEFORE UPDATE OF \(column) ON \(schema).\(child)
                FOR EACH STATEMENT EXECUTE FUNCTION \(schema).\(schema)_refuse_change('\(column) never changes');

            """
    }

    private static func guarding(_ parent: String, key: String, in schema: String) -> String {
        """
        CREATE TRIGGER \(parent)_stay BEFORE DELETE OR TRUNCATE ON \(schema).\(parent)
            FOR EACH STATEMENT EXECUTE FUNCTION \(schema).\(schema)_refuse_change('other rows refer to it');
        CREATE TRIGGER \(parent)_\(key)_stays BEFORE UPDATE OF \(key) ON \(schema).\(parent)
            FOR EACH STATEMENT EXECUTE FUNCTION \(schema).\(schema)_refuse_change('\(key) never changes');

        """
    }
}
