# openxlsx.R HIPS.csv HIPS.xlsx ODD.xlsx: the Bath trial, and the formulas of odd.py as openxlsx writes them.
library(openxlsx)
files <- commandArgs(trailingOnly = TRUE)
write.xlsx(read.csv(files[1]), files[2])

book <- createWorkbook()
addWorksheet(book, "Visits")
rows <- data.frame(
  ID = c("001", NA, NA, "002", "003", "Total"), Hip = c("left", "right", NA, "left", "left", NA),
  Visit = c("baseline", "baseline", NA, "baseline", "baseline", NA), IR = c(12, NA, NA, 15.5, 14, NA),
  Half = c(NA, NA, NA, NA, 7, NA), Day = as.Date(c("2024-03-02", "2024-03-02", NA, "2024-03-04", NA, NA)),
  Zero = c(NA, 0, NA, NA, NA, NA)
)
writeData(book, "Visits", rows)
formulas <- c(
  D3 = "1/0", D7 = "SUM(D2,D5:D6)", E2 = "D2/2", E3 = "D2", E5 = "NA()", G2 = "D2-12", G5 = 'IF(D5>0,"","x")',
  G6 = 'D5&"t"'
)
for (place in names(formulas)) {
  column <- match(substr(place, 1, 1), LETTERS)
  writeFormula(book, "Visits", formulas[[place]], startCol = column, startRow = as.integer(substr(place, 2, 2)))
}
mergeCells(book, "Visits", cols = 1, rows = 2:3)
setRowHeights(book, "Visits", rows = 6, heights = 0)
addWorksheet(book, "Lists", visible = FALSE)
saveWorkbook(book, files[3])
