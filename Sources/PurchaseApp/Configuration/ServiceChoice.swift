import Foundation
import SagaChoreography

/// What this process does.
public struct ServiceChoice: Sendable, Equatable {
    /// Whether it answers the API.
    public let hasAPI: Bool
    /// The services whose events it handles and whose jobs it does.
    public let services: Set<ServiceID>

    /// Every service there is, in the order in which an order passes them.
    static let known: [ServiceID] = [
        "orders", "coupons", "users", "inventory", "items", "payments", "notifications", "audit",
    ]

    static let all = ServiceChoice(hasAPI: true, services: Set(known))

    /// Whether it does everything, so that nobody else has to.
    public var isComplete: Bool { self == .all }

    /// For people: `api, orders, users`.
    public var name: String {
        ((hasAPI ? ["api"] : []) + Self.known.filter(services.contains).map(\.name)).joined(separator: ", ")
    }

    init(hasAPI: Bool, services: Set<ServiceID>) {
        self.hasAPI = hasAPI
        self.services = services
    }

    /// Reads `all`, or some of `api`, `orders`, … with commas between.
    init?(_ text: String) {
        guard text != "all" else {
            self = .all
            return
        }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        let services = names.filter { $0 != "api" }.map { ServiceID($0) }
        guard services.allSatisfy(Self.known.contains), Set(names).count == names.count else { return nil }
        self.init(hasAPI: names.contains("api"), services: Set(services))
    }

    /// Whether an activity of this name is this process's to do. What belongs to no service is done by everybody: the events that
    /// a process writes are sent by itself.
    func includes(_ activity: String) -> Bool {
        let owner = activity.prefix { $0 != "." }
        return owner == "saga" || services.contains(ServiceID(String(owner)))
    }

    /// Whether this process works with the tables of a service: the API does with all of them.
    func sees(_ service: ServiceID) -> Bool { hasAPI || services.contains(service) }
}
