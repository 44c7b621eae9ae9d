import AsyncHTTPClient
import Foundation

/// Buys one thing and follows the purchase to its end, whatever happens to the server or the network meanwhile.
///
///     swift run example-buyer http://127.0.0.1:3000
///     swift run example-buyer http://127.0.0.1:3000 --quantity 3 --key 7c0e3f3a --wait 5
///
/// It takes user, item and token from `POST /setup-test-data`, which a server has in development. It ends with 0 if the order completed,
/// with 1 if it came to another end, with 2 if it was refused or could not be placed in the time given.
@main struct Buyer {
    static func main() async throws {
        let options = Options(CommandLine.arguments.dropFirst())
        let shop = Shop(url: options.url)
        let status: Int32
        do {
            let ids = try await shop.testData()
            // Made once for the purchase, not for the request: whoever asks again with the same key buys nothing twice.
            let placed = try await shop.placeOrder(of: options.quantity, for: ids, key: options.key, wait: options.wait)
            say("order \(placed.order.id), \(placed.isReplay ? "placed before" : "placed now")")
            try await shop.follow(placed.order.id, token: ids.token) { event in
                switch event.name {
                case "step": say("event \(event.id ?? "") \(event.text("type")) of \(event.text("service"))")
                case "verdict": say(event.text("sentence"))
                default: break
                }
            }
            let order = try await shop.order(placed.order.id, token: ids.token)
            say("\(order.status)\(order.code.map { " because of \($0)" } ?? "")")
            status = order.status == "COMPLETED" ? 0 : 1
        } catch let refusal as Refused {
            say("refused: \(refusal.status) \(refusal.code)")
            status = 2
        } catch is NobodyAnswers {
            say("nobody answered in time; ask again with --key \(options.key)")
            status = 2
        }
        try await shop.close()
        exit(status)
    }
}

/// What is asked for.
struct Options {
    var url = "http://127.0.0.1:3000"
    var quantity = 1
    var key = UUID().uuidString
    /// Seconds; `nil`: the answer comes at once.
    var wait: Int?

    init(_ arguments: some Sequence<String>) {
        var rest = arguments.makeIterator()
        while let argument = rest.next() {
            switch argument {
            case "--quantity": quantity = rest.next().flatMap { Int($0) } ?? quantity
            case "--key": key = rest.next() ?? key
            case "--wait": wait = rest.next().flatMap { Int($0) }
            default: url = argument
            }
        }
    }
}

/// Writes a line at once, also into a file or a pipe.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
