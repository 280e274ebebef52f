import type { ReactNode } from "react";
import styles from "./Table.module.css";

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  isNumeric?: boolean;
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  /** What stands where there is no row. */
  empty?: string;
  testId?: string;
}

/** Rows of facts. It can be scrolled sideways by keyboard, too. */
export function Table<T>({ label, columns, rows, rowKey, empty, testId }: Props<T>) {
  if (rows.length === 0 && empty) return <p className={styles.empty}>{empty}</p>;
  return (
    <div className={styles.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table} data-testid={testId}>
        <thead>
          <tr>
            {columns.map(({ name, isNumeric }) => (
              <th key={name} scope="col" className={isNumeric ? styles.numeric : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ name, cell, isNumeric }) => (
                <td key={name} className={isNumeric ? styles.numeric : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
