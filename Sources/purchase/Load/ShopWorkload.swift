import Foundation
import LoadGenerator
import Synchronization

/// What the requests of a load are made from.
struct Shop: Sendable {
    struct Buyer: Sendable {
        let id: String
        let token: String
    }

    let buyers: [Buyer]
    let items: [String]
    var couponCodes: [String] = []
}

/// Orders that a load placed, for reading them later.
final class PlacedOrders: Sendable {
    private static let most = 1_000
    private let kept = Mutex<[(order: String, buyer: Int)]>([])

    var all: [(order: String, buyer: Int)] { kept.withLock { $0 } }

    func keep(_ order: String, by buyer: Int) {
        kept.withLock { if $0.count < Self.most { $0.append((order, buyer)) } }
    }
}

/// Orders, reads and coupon questions as a shop's users would send them, by chance that a seed repeats.
final class ShopWorkload: Workload {
    enum Mode: String, CaseIterable, Sendable {
        case orders, read
        case couponPreview = "coupon-preview"
        case couponList = "coupon-list"
    }

    struct Settings: Sendable {
        var mode = Mode.orders
        var lines = 1
        var hotShare = 0.0
        var couponShare = 0.0
        var cancelShare = 0.0
        /// Seconds for which POST /orders waits for the end; 0 does not wait.
        var wait = 0
        /// Whether placed orders are kept for reading.
        var keepsOrders = false
        var seed: UInt64 = 1
    }

    private let shop: Shop
    private let settings: Settings
    private let placed: PlacedOrders
    private let readable: [(order: String, buyer: Int)]
    private var random: UInt64
    private var turn = 0

    /// - Parameter placed: keeps the first orders that are placed, and gives those that are read.
    init(_ shop: Shop, _ settings: Settings, placed: PlacedOrders) {
        self.shop = shop
        self.settings = settings
        self.placed = placed
        readable = placed.all
        random = settings.seed
    }

    func next() -> LoadRequest {
        turn += 1
        let buyer = shop.buyers[turn % shop.buyers.count]
        switch settings.mode {
        case .orders: return order(by: buyer)
        case .read:
            let (order, owner) = readable[turn % readable.count]
            return get("GET /orders/{id}", "/orders/\(order)", shop.buyers[owner])
        case .couponList: return get("GET /coupons/my-coupons", "/coupons/my-coupons", buyer)
        case .couponPreview:
            let code = shop.couponCodes[turn % shop.couponCodes.count]
            return post("POST /coupons/preview", "/coupons/preview", lines() + "\"couponCode\":\"\(code)\"}", buyer)
        }
    }

    func answered(_ request: LoadRequest, status: Int, body: [UInt8]) -> LoadRequest? {
        guard request.label == "POST /orders", (200..<300).contains(status) else { return nil }
        if settings.keepsOrders, let id = Self.orderID(in: body), let buyer = buyer(of: request) {
            placed.keep(id, by: buyer)
        }
        guard settings.cancelShare > 0, chance() < settings.cancelShare, let id = Self.orderID(in: body) else {
            return nil
        }
        return LoadRequest(
            label: "POST /orders/{id}/cancel", method: "POST", path: "/orders/\(id)/cancel",
            headers: request.headers.filter { $0.name != "prefer" && $0.name != "content-type" })
    }

    private func order(by buyer: Shop.Buyer) -> LoadRequest {
        let coupon =
            settings.couponShare > 0 && chance() < settings.couponShare
            ? ",\"couponCode\":\"\(shop.couponCodes[turn % shop.couponCodes.count])\"" : ""
        return post("POST /orders", "/orders", lines() + "\"userId\":\"\(buyer.id)\"\(coupon)}", buyer)
    }

    /// `{"items":[…],`
    private func lines() -> String {
        var picked: Set<Int> = []
        while picked.count < min(settings.lines, shop.items.count) {
            // The hot item is the first: everybody wants it at that share of the lines.
            let isHot = picked.isEmpty && settings.hotShare > 0 && chance() < settings.hotShare
            picked.insert(isHot ? 0 : Int(draw() % UInt64(shop.items.count)))
        }
        let lines = picked.sorted().map { "{\"itemId\":\"\(shop.items[$0])\",\"quantity\":1}" }
        return "{\"items\":[\(lines.joined(separator: ","))],"
    }

    private func get(_ label: String, _ path: String, _ buyer: Shop.Buyer) -> LoadRequest {
        LoadRequest(label: label, method: "GET", path: path, headers: [("authorization", "Bearer \(buyer.token)")])
    }

    private func post(_ label: String, _ path: String, _ body: String, _ buyer: Shop.Buyer) -> LoadRequest {
        var headers = [("authorization", "Bearer \(buyer.token)"), ("content-type", "application/json")]
        if settings.wait > 0, label == "POST /orders" { headers.append(("prefer", "wait=\(settings.wait)")) }
        return LoadRequest(
            label: label, method: "POST", path: path, headers: headers.map { (name: $0.0, value: $0.1) },
            body: Array(body.utf8))
    }

    private func buyer(of request: LoadRequest) -> Int? {
        guard let header = request.headers.first(where: { $0.name == "authorization" }) else { return nil }
        return shop.buyers.firstIndex { header.value.hasSuffix($0.token) }
    }

    private static func orderID(in body: [UInt8]) -> String? {
        struct Order: Decodable { let id: String }
        return try? JSONDecoder().decode(Order.self, from: Data(body)).id
    }

    /// SplitMix64 (Steele, Lea, Flood 2014), so that a seed repeats a run.
    private func draw() -> UInt64 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var z = random
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private func chance() -> Double { Double(draw() >> 11) / Double(1 << 53) }
}
