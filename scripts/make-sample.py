#!/usr/bin/env python3
"""Cuts data/online-retail-sample.csv out of the Online Retail data set.

Usage: scripts/make-sample.py online-retail.csv.xz [data/online-retail-sample.csv]

Takes the first invoices of the file that can be orders as they are, the lines of credit notes that
give back something of them, and a few that do not. The same source gives the same bytes. What is
passed over is counted by cause on standard error. Needs the standard library only.
"""

import csv
import lzma
import sys
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path

INVOICES = 300
MAX_LINES = 60
# Lines of credit notes that give nothing back, of each cause.
UNMATCHED = 3
CENT = Decimal("0.01")


def why_not_sellable(row):
    """The reason why a line cannot be a line of an order, or None."""
    try:
        quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
    except (ValueError, InvalidOperation):
        return "unreadable quantity or price"
    if quantity <= 0:
        return "quantity not above zero"
    if price <= 0:
        return "price not above zero"
    if price != price.quantize(CENT):
        return "price finer than a penny"
    return None


def credit_lines(source, chosen):
    """The lines of credit notes to take, and how many give something back, by the rules of retail/credits.rs."""
    customers = {row["CustomerID"] for rows in chosen for row in rows}
    sold = {id(row) for rows in chosen for row in rows}
    bought, taken, causes, matched = {}, [], Counter(), 0
    for row in source:
        key = (row["CustomerID"], row["StockCode"])
        if id(row) in sold:
            bought.setdefault(key, []).append([Decimal(row["UnitPrice"]), int(row["Quantity"])])
        if not row["InvoiceNo"].startswith("C") or row["CustomerID"] not in customers | {""}:
            continue
        units, price = -int(row["Quantity"]), Decimal(row["UnitPrice"])
        lines = bought.get(key, [])
        fit = [line for line in reversed(lines) if line[0] == price]
        cause = None
        if not row["CustomerID"]:
            cause = "no customer"
        elif not lines:
            cause = "never bought"
        elif not fit:
            cause = "other price"
        elif sum(line[1] for line in fit) < units:
            cause = "too few"
        if cause:
            causes[cause] += 1
            if causes[cause] <= UNMATCHED:
                taken.append(row)
            continue
        for line in [line for line in fit if line[1] >= units][:1] or fit:
            part = min(units, line[1])
            line[1] -= part
            units -= part
        taken.append(row)
        matched += 1
    return taken, matched


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    source = Path(sys.argv[1])
    default = Path(__file__).resolve().parent.parent / "data" / "online-retail-sample.csv"
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else default

    # The whole file is read before anything is chosen: an invoice's lines need not stand together.
    invoices, source_rows = {}, []
    with lzma.open(source, "rt", encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = reader.fieldnames
        for row in reader:
            invoices.setdefault(row["InvoiceNo"], []).append(row)
            source_rows.append(row)

    chosen, passed, dropped = [], Counter(), Counter()
    for number, rows in invoices.items():
        if len(chosen) == INVOICES:
            break
        if not (number.isascii() and number.isdigit()):
            passed["number not numeric (credit notes and the like)"] += 1
            continue
        if not all(row["CustomerID"] for row in rows):
            passed["no customer"] += 1
            continue
        if len(rows) > MAX_LINES:
            passed[f"more than {MAX_LINES} lines"] += 1
            continue
        causes = [why_not_sellable(row) for row in rows]
        sellable = [row for row, cause in zip(rows, causes) if cause is None]
        if not sellable:
            passed["no sellable line"] += 1
            continue
        dropped.update(cause for cause in causes if cause)
        chosen.append(sellable)

    credits, matched = credit_lines(source_rows, chosen)

    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        for rows in chosen:
            writer.writerows(rows)
        writer.writerows(credits)

    lines = [row for rows in chosen for row in rows]
    total = sum(int(row["Quantity"]) * Decimal(row["UnitPrice"]) for row in lines)
    report = [
        f"{target.name}: {len(chosen)} invoices, {len(lines)} lines, "
        f"{len({row['StockCode'] for row in lines})} stock codes, "
        f"{len({row['CustomerID'] for row in lines})} customers, {total} GBP, {target.stat().st_size} bytes"
    ]
    report.append(f"  credit notes: {len(credits)} lines, {matched} of them give something back")
    report += [f"  invoices passed over: {count} ({cause})" for cause, count in passed.items()]
    report += [f"  lines left out: {count} ({cause})" for cause, count in dropped.items()]
    print("\n".join(report), file=sys.stderr)


if __name__ == "__main__":
    main()
