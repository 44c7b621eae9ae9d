import Audit
import FoundationEssentials
import Testing

@Suite struct `The mask of details` {
    private func masked(_ json: String, _ more: [String] = []) -> String {
        String(decoding: DetailsMask(more).masked(Data(json.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"password":"x"}"#, #"{"password":"***"}"#),
        (#"{"newPassword":"x","a":1}"#, #"{"newPassword":"***","a":1}"#),
        (#"{"API_KEY":12,"b":[1]}"#, #"{"API_KEY":"***","b":[1]}"#),
        (#"{"refresh-tokens":["a","b"],"c":2}"#, #"{"refresh-tokens":"***","c":2}"#),
        (#"{"a":{"Authorization":{"deep":["}"]}},"b":1}"#, #"{"a":{"Authorization":"***"},"b":1}"#),
        (#"{ "secret" : null }"#, #"{ "secret":"***"}"#),
        (#"{"secret":true,"x":"key"}"#, #"{"secret":"***","x":"key"}"#),
    ])
    func `hides the value of a key that is named like a secret`(json: String, expected: String) {
        #expect(masked(json) == expected)
    }

    @Test(arguments: [
        #"{"monkey":"x"}"#, #"{"keyboard":"x"}"#, #"{"note":"the password is \"secret\": never"}"#, "{}",
        #"{"idempotent":"token"}"#,
    ])
    func `leaves everything else alone`(json: String) {
        #expect(masked(json) == json)
    }

    @Test func `hides what configuration names, in any case`() {
        #expect(masked(#"{"Phone":"010","e-mail":"a"}"#, ["phone", "E-Mail"]) == #"{"Phone":"***","e-mail":"***"}"#)
    }
}
