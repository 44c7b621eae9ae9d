import Foundation
import ProcessDriver

/// Somebody who sees to what is parked, over HTTP at whichever API process answers: finds it by cause and by order, tries, edits,
/// replays or discards it with a reason, and follows what he asked for to its observed outcome.
struct Operator: Sendable {
    let shop: Storefront
    let token: String
    let sabotage: Sabotage
    let ledger: Ledger

    /// How long what he asked for may take: its consumer may have been killed, or stand still.
    private static let patience = Duration.seconds(180)

    /// Looks again and again until `isOver`, and then until nothing is parked any more.
    ///
    /// - Throws: `WaitedInVain` if something stays parked.
    func run(until isOver: @escaping @Sendable () -> Bool) async throws {
        while !isOver() {
            _ = try await round()
            try await pause(.milliseconds(500))
        }
        do {
            _ = try await waiting(for: "nothing to be parked", every: .milliseconds(500)) {
                try await round() == 0 ? true : nil
            }
        } catch let error as WaitedInVain {
            for letter in try await letters("limit=500") {
                ledger.complain(
                    "\(letter.type) of order \(letter.orderId ?? "none") stays parked by \(letter.consumer)")
            }
            throw error
        }
    }

    /// Sees to each group once.
    ///
    /// - Returns: how many groups there were.
    private func round() async throws -> Int {
        let groups = try await read("/admin/dead-letters/groups", as: Parked.Groups.self).groups
        for group in groups {
            switch group.kind {
            case "undecodable": try await seeToUnreadable(group)
            case "exhausted" where group.cause.contains(Sabotage.fault): try await seeToFaulty(group)
            default:
                ledger.complain("\(group.count) of \(group.type) parked by \(group.consumer): \(group.cause)")
            }
        }
        return groups.count
    }

    // MARK: What cannot be read

    private func seeToUnreadable(_ group: Parked.Group) async throws {
        for letter in try await letters(of: group) {
            guard let order = letter.orderId else {
                ledger.complain("\(letter.type) parked by \(letter.consumer) belongs to no order")
                continue
            }
            // Still there if nobody else has it: he is alone.
            let ofOrder = try await letters("orderId=\(order)&limit=500")
            guard ofOrder.contains(where: { $0.id == letter.id }) else {
                ledger.complain("\(letter.type) of \(order) is found by its cause and not by its order")
                continue
            }
            let path = "/admin/dead-letters/\(letter.id)"
            // What may be forgotten would change nothing: another copy of it was handled.
            if try await discard(path) { continue }
            if let fields = try await fields(of: letter, path) {
                if try await edit(path, fields) { try await replay(path + "/replay", Reason("edited")) }
            } else {
                ledger.intervened("dead letters put off")
            }
        }
    }

    /// What the system says that it must have said; of a refund's event, what its producer wrote, while that is kept.
    private func fields(of letter: Parked.Letter, _ path: String) async throws -> String? {
        let answer = try await ask("GET", path, nil)
        if answer.status == 200, let known = try Parked.known(answer) { return known }
        return try await sabotage.fields(of: letter.eventId)
    }

    /// Gives back the fields that it had.
    ///
    /// - Returns: whether it can be read now.
    private func edit(_ path: String, _ fields: String) async throws -> Bool {
        let body = #"{"reason":"its fields were lost","data":\#(fields)}"#
        let plan = try await ask(path + "/edit?dryRun=true", body)
        // Edited already, the answer lost, is as good.
        guard plan.status == 200 else { return isEdited(path, plan) }
        let expected = try plan.decoded(as: Parked.Plan.self).items.first
        // It may belong to one of the orders that are poisoned, too.
        let isUnderstood = expected?.effect != "parked" || expected?.fault?.contains(Sabotage.fault) == true
        if expected?.effect == nil || !isUnderstood {
            ledger.complain("\(path) with its own fields: \(String(describing: expected))")
        }
        let edited = try await ask(path + "/edit", body)
        guard edited.status == 202 else { return isEdited(path, edited) }
        ledger.intervened("dead letters edited")
        return true
    }

    /// Why an edit was refused: it was done before; or a refund has opened its order meanwhile, or its item has changed, and it has to
    /// be decided once more.
    private func isEdited(_ path: String, _ answer: Storefront.Answer) -> Bool {
        if Parked.code(answer) == "dead-letters.edit-contradicts" {
            ledger.intervened("edits refused")
            return false
        }
        expect(answer, code: "dead-letters.readable", path)
        return true
    }

    /// It may go once its order is settled for its consumer.
    ///
    /// - Returns: whether it is gone.
    private func discard(_ path: String) async throws -> Bool {
        let plan = try await ask(path + "/discard?dryRun=true", Reason("a garbled copy").body)
        guard plan.status == 200 else {
            expect(plan, code: "dead-letters.not-found", path)
            return true
        }
        guard try plan.decoded(as: Parked.Plan.self).items.first?.possible == true else { return false }
        let answer = try await ask(path + "/discard", Reason("a garbled copy").body)
        if answer.status == 202 {
            ledger.intervened("dead letters discarded")
            return true
        }
        // A refund has opened its order meanwhile.
        if Parked.code(answer) == "dead-letters.undecided" { return false }
        expect(answer, code: "dead-letters.not-found", path)
        return true
    }

    // MARK: What faults

    /// All of them at once, after their cause is mended.
    private func seeToFaulty(_ group: Parked.Group) async throws {
        let selection = Reason("mended", group)
        let plan = try await ask("/admin/dead-letters/replay?dryRun=true", selection.body)
        guard plan.status == 200 else { return expect(plan, code: "dead-letters.not-found", "a plan") }
        let items = try plan.decoded(as: Parked.Plan.self).items
        if !items.contains(where: { $0.effect == "parked" }) {
            ledger.complain("\(group.type) of \(group.consumer) faults no more, though nobody mended it: \(items)")
        }
        for letter in try await letters(of: group) {
            if let order = letter.orderId { try await sabotage.mend(order) }
        }
        try await replay("/admin/dead-letters/replay", selection)
    }

    // MARK: Asking

    private func replay(_ path: String, _ reason: Reason) async throws {
        let answer = try await ask(path, reason.body)
        // Replayed already, the answer lost: what became of it shows in the orders.
        guard answer.status == 202 else { return expect(answer, code: "dead-letters.not-found", path) }
        guard let place = answer.headers["location"] else { return ledger.complain("\(path) names no operation") }
        let done = try await waiting(for: "the outcome of \(place)", within: Self.patience, every: .milliseconds(200)) {
            () -> Parked.Operation? in
            let seen = try await read(place, as: Parked.Operation.self)
            return seen.state == "done" ? seen : nil
        }
        for item in done.items {
            ledger.intervened("replays \(item.state)\(item.disposition.map { " (\($0))" } ?? "")")
        }
    }

    private func letters(of group: Parked.Group) async throws -> [Parked.Letter] {
        let query = [("consumer", group.consumer), ("type", group.type), ("kind", group.kind), ("cause", group.cause)]
        return try await letters(
            query.map { name, value in
                "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
            }.joined(separator: "&") + "&limit=500")
    }

    private func letters(_ query: String) async throws -> [Parked.Letter] {
        try await read("/admin/dead-letters?\(query)", as: Parked.Page.self).deadLetters
    }

    private func read<Body: Decodable>(_ path: String, as type: Body.Type) async throws -> Body {
        let answer = try await ask("GET", path, nil)
        guard answer.status == 200 else {
            throw UnexpectedAnswer(path: path, status: answer.status, body: Parked.text(answer))
        }
        return try answer.decoded()
    }

    private func ask(_ path: String, _ body: String) async throws -> Storefront.Answer {
        try await ask("POST", path, body)
    }

    /// Asks until there is an answer, through any number of cut connections and crashes.
    private func ask(_ method: String, _ path: String, _ body: String?) async throws -> Storefront.Answer {
        try await waiting(for: "an answer to \(path)", within: Self.patience, every: .milliseconds(100)) {
            let answer: Storefront.Answer
            do {
                answer = try await shop.call(method, path, token: token, body: body)
            } catch let error as WaitedInVain {
                throw error
            } catch {
                try Task.checkCancellation()
                ledger.intervened("interventions without an answer")
                return nil
            }
            return answer.status == 503 ? nil : answer
        }
    }

    /// Complains unless it is the refusal of something that was done before, its answer lost.
    private func expect(_ answer: Storefront.Answer, code: String, _ path: String) {
        guard Parked.code(answer) != code else { return ledger.intervened("interventions found done") }
        ledger.complain("\(path) answered \(answer.status): \(Parked.text(answer))")
    }
}
