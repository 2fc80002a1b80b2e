#!/bin/bash
# Writes the files of this folder anew: the Bath trial, and a small workbook with what goes wrong in real ones, each by
# the program its name says. From the project's folder: tests/data/writers/make.sh. Needs (versions that were used):
#   Debian 12: libreoffice-calc 7.4.7, gnumeric 1.12.55, pspp 1.6.2, r-base-core 4.2.2, r-cran-haven 2.5.1,
#              r-cran-openxlsx 4.2.5.2
#   PyPI:      openpyxl 3.1.5, xlsxwriter 3.3.1, polars 2.1.0, duckdb 2.0.1 (and pandas 3.1.1)
set -euo pipefail
here=tests/data/writers
hips=$PWD/data/raw/bath-hips/hips.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Libraries that write formulas and cannot calculate them; openpyxl's is what the spreadsheet programs open.
python3 $here/odd.py "$work/odd.xlsx" openpyxl
python3 $here/odd.py $here/odd-xlsxwriter.xlsx xlsxwriter
cp "$work/odd.xlsx" $here/odd-openpyxl.xlsx
Rscript $here/openxlsx.R "$hips" $here/hips-openxlsx.xlsx $here/odd-openxlsx.xlsx

# Spreadsheet programs.
cp "$hips" "$work/hips.csv"
for kind in ods xlsx xls; do
    for name in odd.xlsx hips.csv; do
        soffice --headless --convert-to "$kind" --outdir "$work/lo" "$work/$name" >"$work/log" 2>&1
        cp "$work/lo/${name%.*}.$kind" "$here/${name%.*}-libreoffice.$kind"
    done
    ssconvert "$work/lo/odd.ods" "$here/odd-gnumeric.$kind" 2>"$work/log"
    ssconvert "$work/hips.csv" "$here/hips-gnumeric.$kind" 2>"$work/log"
done
soffice --headless --convert-to csv --outdir "$here" "$here/hips-libreoffice.xlsx" >"$work/log" 2>&1

# Statistics programs.
cat >"$work/hips.sps" <<END
GET DATA /TYPE=TXT /FILE="$hips" /FIRSTCASE=2 /DELIMITERS=","
  /VARIABLES=fbef F8 faft F8 rbef F8 raft F8 grp A8 side A8 person F8.
SAVE OUTFILE="$here/hips-pspp.sav".
EXPORT OUTFILE="$here/hips-pspp.por".
END
pspp "$work/hips.sps" >"$work/log"
cat >"$work/times.sps" <<END
DATA LIST LIST /ID (A3) month (MOYR8) quarter (QYR8) week (WKYR10) lasted (DTIME10) clock (TIME8) day (EDATE10).
BEGIN DATA.
001 "MAR 2024" "1 Q 2024" "9 WK 2024" "2 03:00:00" "10:05:00" "02.03.2024"
END DATA.
SAVE OUTFILE="$here/times-pspp.sav".
END
pspp "$work/times.sps" >"$work/log"
Rscript -e "h <- read.csv('$hips'); haven::write_sav(h, '$here/hips-haven.sav'); haven::write_dta(h, '$here/hips-haven.dta')
for (v in c(5, 8)) haven::write_xpt(h, paste0('$here/hips-haven', v, '.xpt'), version = v, name = 'hips')
h\$side <- factor(h\$side)
h\$grp <- haven::labelled(ifelse(h\$grp == 'treat', 1, 2), c(treat = 1, control = 2))
saveRDS(h, '$here/hips-r.rds')
save(h, file = '$here/hips-r.rda', compress = 'xz')"
Rscript $here/kinds.R $here

# Data frames and databases.
python3 - "$hips" $here <<'END'
import sys, duckdb, polars
hips, here = sys.argv[1:]
duckdb.sql(f"COPY (SELECT * FROM '{hips}') TO '{here}/hips-duckdb.parquet'")
frame = polars.read_csv(hips)
frame.write_parquet(f"{here}/hips-polars.parquet")
frame.write_excel(f"{here}/hips-polars.xlsx")
odd = polars.DataFrame({"ID": ["a", "b"], "Hip": ["left", "right"], "Visit": ["baseline"] * 2, "IR": [12.0, 15.0]})
odd.with_columns(big=polars.Series([1, 2], dtype=polars.Int128)).write_parquet(f"{here}/int128-polars.parquet")
END
