import Foundation
import SagaChoreography
import Testing

@Suite struct DirectJSONTests {
    private struct Note: DirectJSON, Equatable {
        var id: UUID
        var text: String
        var count: Int64
        var tags: [String]

        init(id: UUID = UUID(), text: String = "", count: Int64 = 0, tags: [String] = []) {
            self.id = id
            self.text = text
            self.count = count
            self.tags = tags
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.key("id")
                json.uuid(id)
                json.key("text")
                json.string(text)
                json.key("count")
                json.integer(count)
                json.key("tags")
                json.array { json in for tag in tags { json.string(tag) } }
            }
        }

        init(from json: inout JSONReader) throws(JSONSurprise) {
            self.init()
            var found = 0
            try json.object { (key, json) throws(JSONSurprise) in
                found += 1
                if key == "id" {
                    id = try json.uuid()
                } else if key == "text" {
                    text = try json.string()
                } else if key == "count" {
                    count = try json.integer()
                } else if key == "tags" {
                    try json.array { (json) throws(JSONSurprise) in tags.append(try json.string()) }
                } else {
                    found -= 1
                    try json.skip()
                }
            }
            guard found == 4 else { throw JSONSurprise() }
        }
    }

    private static let notes = [
        Note(text: "사과 🍎", count: .max, tags: ["a", ""]), Note(text: "", count: .min),
        Note(text: "\"quoted\" \\ and \n, \u{1}, / and \u{2028}", count: -1, tags: ["\t"]),
    ]

    @Test(arguments: notes.indices)
    func `what is written directly is what the general decoder reads`(index: Int) throws {
        let note = Self.notes[index]
        #expect(try JSONDecoder().decode(Note.self, from: note.directJSON()) == note)
    }

    @Test(arguments: notes.indices)
    func `what the general encoder writes is read directly`(index: Int) throws {
        let note = Self.notes[index]
        #expect(try Note(json: JSONEncoder().encode(note)) == note)
    }

    @Test func `fields may come in any order, and unknown ones are skipped`() throws {
        let id = UUID()
        let json = """
             { "tags" : [ ] , "later" : {"deep": [1, null, "x", {"y": []}]}, "count":-7,
               "text":"t", "id":"\(id.uuidString.lowercased())" }
            """
        #expect(try Note(json: Data(json.utf8)) == Note(id: id, text: "t", count: -7))
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"id":1}"#, #"{"id":"x","text":"","count":0,"tags":[]}"#,
        #"{"id":"00000000-0000-0000-0000-000000000000","text":"","count":9223372036854775808,"tags":[]}"#,
        #"{"id":"00000000-0000-0000-0000-000000000000","text":"","count":1.5,"tags":[]}"#,
        #"{"id":"00000000-0000-0000-0000-000000000000","text":"","count":0,"tags":[]} x"#,
        #"{"id":"00000000-0000-0000-0000-000000000000","text":"","count":0,"tags":[],}x"#,
        #"{"id":"00000000-0000-0000-0000-000000000000","text":"","count":0}"#,
    ])
    func `what the general decoder refuses is refused`(json: String) {
        #expect(throws: DecodingError.self) { try Note(json: Data(json.utf8)) }
    }

    @Test func `nothing that is cut short is read`() throws {
        let whole = Note(text: "abc", count: 12, tags: ["x", "y"]).directJSON()
        for length in 0..<whole.count {
            #expect(throws: DecodingError.self) { try Note(json: whole.prefix(length)) }
        }
    }
}
