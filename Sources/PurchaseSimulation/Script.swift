import SagaChoreography
import SagaTesting

/// What customers and staff will do in a run, drawn from the seed alone: each order has chance of its own, so that leaving one
/// out does not change the others.
struct Script {
    struct Line {
        let item: Int
        let quantity: Int64
    }

    enum Coupon {
        /// The customer's own copy, which several of his orders may want.
        case copy
        /// A code of which there are fewer copies than customers.
        case code
    }

    /// Somebody wants an order undone, so long after it was placed.
    struct Cancel {
        enum Who: CaseIterable { case user, admin, warehouse }
        let who: Who
        let after: Duration
    }

    struct Order {
        let number: Int
        let at: Duration
        let user: Int
        let lines: [Line]
        let coupon: Coupon?
        let cancels: [Cancel]
        /// The client sends the request twice.
        let isSentTwice: Bool
        /// An admin wants it refunded, so long after it was placed; he looks for a while whether it can be.
        let refunds: [Duration]
    }

    enum Errand {
        case deposit(user: Int, amount: Int64)
        case stock(item: Int, pieces: Int64)
        case sale(item: Int, isOn: Bool)
        case active(user: Int, isActive: Bool)
        case coupon(isActive: Bool)
        case price(item: Int, amount: Int64)
    }

    /// What an operator does to what is parked, or to an order.
    enum Repair: CaseIterable { case replay, editAndReplay, discard, resync }

    struct User {
        let balance: Int64
        let slots: Int64
    }

    struct Item {
        let price: Int64
        let stock: Int64
    }

    let users: [User]
    let items: [Item]
    /// From an order to its deadline.
    let timeout: Duration
    /// In hundredths of a percent, of everything.
    let discount: Int64
    let codes: Int64
    let orders: [Order]
    let errands: [(at: Duration, errand: Errand)]
    let repairs: [(at: Duration, repair: Repair)]
    /// How often relay and pruner look.
    let upkeep: Duration

    init(_ plan: RunPlan, chance: (String) -> SeededRandom) {
        let shop = chance("shop")
        users = (0..<(3 + shop.below(3))).map { _ in
            User(balance: Int64(1 + shop.below(12)) * 4_000, slots: Int64(1 + shop.below(6)))
        }
        items = (0..<(3 + shop.below(4))).map { _ in
            Item(price: Int64(shop.below(10)) * 500, stock: Int64(1 + shop.below(9)))
        }
        timeout = .seconds([4, 12, 30, 90][shop.below(4)])
        discount = [1_000, 2_500, 10_000][shop.below(3)]
        codes = Int64(1 + shop.below(3))
        upkeep = .seconds([2, 5, 15][shop.below(3)])
        let (userCount, itemCount) = (users.count, items.count)
        orders = (1...max(1, plan.orders)).filter { $0 <= plan.orders && !plan.dropped.contains($0) }.map { number in
            Self.order(
                number, chance("order \(number)"), users: userCount, items: itemCount, isPlain: plan.isPlain,
                refunds: plan.isPlain ? [] : Self.refunds(chance("refunds of order \(number)")))
        }
        repairs = plan.isPlain ? [] : Self.repairs(chance("repairs"))
        errands = plan.isPlain ? [] : Self.errands(chance("errands"), users: userCount, items: itemCount)
    }

    private static func refunds(_ dice: SeededRandom) -> [Duration] {
        guard dice.chance(45) else { return [] }
        return (0..<(1 + dice.below(3))).map { _ in .milliseconds(dice.below(dice.chance(50) ? 3_000 : 60_000)) }
    }

    private static func order(
        _ number: Int, _ dice: SeededRandom, users: Int, items: Int, isPlain: Bool, refunds: [Duration]
    ) -> Order {
        let at = Duration.milliseconds(dice.below(30_000))
        let user = dice.below(users)
        let lines = (0..<(1 + dice.below(3))).map { _ in
            // The first item is the hot one.
            Line(item: dice.chance(40) ? 0 : dice.below(items), quantity: Int64(1 + dice.below(3)))
        }
        let coupon: Coupon? = dice.chance(40) ? (dice.chance(60) ? .copy : .code) : nil
        let longest = dice.chance(70) ? 400 : 20_000
        var cancels: [Cancel] = []
        if !isPlain {
            for who in Cancel.Who.allCases where dice.chance(who == .user ? 25 : 12) {
                cancels.append(Cancel(who: who, after: .milliseconds(dice.below(longest))))
            }
        }
        return Order(
            number: number, at: at, user: user, lines: lines, coupon: coupon, cancels: cancels,
            isSentTwice: dice.chance(12), refunds: refunds)
    }

    private static func repairs(_ dice: SeededRandom) -> [(Duration, Repair)] {
        (0..<5).map { _ in
            (.milliseconds(dice.below(50_000)), Repair.allCases[dice.below(Repair.allCases.count)])
        }
    }

    private static func errands(_ dice: SeededRandom, users: Int, items: Int) -> [(Duration, Errand)] {
        (0..<6).map { _ in
            let errand: Errand =
                switch dice.below(12) {
                case 0...3: .deposit(user: dice.below(users), amount: Int64(1 + dice.below(20)) * 1_000)
                case 4...6: .stock(item: dice.below(items), pieces: Int64(dice.below(8)))
                case 7: .sale(item: dice.below(items), isOn: dice.chance(50))
                case 8: .active(user: dice.below(users), isActive: dice.chance(60))
                case 9: .coupon(isActive: dice.chance(60))
                default: .price(item: dice.below(items), amount: Int64(dice.below(10)) * 500)
                }
            return (.milliseconds(dice.below(40_000)), errand)
        }
    }
}
