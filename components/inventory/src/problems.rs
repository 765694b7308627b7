//! The problems that only this module answers.

use stoa_kit::http::ProblemType;

/// By their codes; the SQL functions refuse with the same ones.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "stock_in_use",
        status: 409,
        title: "Stock in use",
        detail: "The warehouse cannot give up that many units: available is what is on hand and not reserved.",
    },
    ProblemType {
        code: "stock_limit",
        status: 409,
        title: "Too much stock",
        detail: "A warehouse holds at most 1,000,000,000 units of a variant, the one in variant_id.",
    },
    ProblemType {
        code: "stock_short",
        status: 409,
        title: "Not enough there",
        detail: "The warehouse does not have that many available units; shortages says of which variants, and how many there are. Nothing was moved.",
    },
    ProblemType {
        code: "warehouse_name_taken",
        status: 409,
        title: "Name taken",
        detail: "Another warehouse of yours has this name.",
    },
    ProblemType {
        code: "warehouse_limit",
        status: 409,
        title: "Too many warehouses",
        detail: "You may have 50 warehouses; one place is kept for the one named main.",
    },
    ProblemType {
        code: "warehouse_too_large",
        status: 409,
        title: "Warehouse too large",
        detail: "More than 10,000 variants have available units there, too many to switch at once. Move some to another warehouse first.",
    },
    ProblemType {
        code: "serial_tracked",
        status: 409,
        title: "Tracked by serial number",
        detail: "Every unit of this variant has a serial number: change the pieces, and the count follows.",
    },
    ProblemType {
        code: "serials_not_tracked",
        status: 409,
        title: "Not tracked by serial number",
        detail: "Turn serial_tracked on in the variant's settings first.",
    },
    ProblemType {
        code: "serials_differ",
        status: 409,
        title: "Units without serial numbers",
        detail: "Tracking begins only where every unit on hand has an available piece; warehouses says where they differ. Correct the counts first.",
    },
    ProblemType {
        code: "serial_taken",
        status: 409,
        title: "Serial number taken",
        detail: "The variant in variant_id has pieces with the serial numbers in serials already. Nothing was imported.",
    },
    ProblemType {
        code: "wrong_pieces",
        status: 409,
        title: "Not with these pieces",
        detail: "The state or the warehouse of the pieces listed does not allow this; nothing was changed. What was sold comes back as returned first.",
    },
];
