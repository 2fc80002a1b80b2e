ASCII SPSS PORT FILE                    ASCII SPSS PORT FILE                    
ASCII SPSS PORT FILE                    ASCII SPSS PORT FILE                    
ASCII SPSS PORT FILE                    0000000000000000000000000000000000000000
0000000000000000000000000123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst
uvwxyz .<(+|&[]!$*);^-/|,%_>?`:$@'="000000~-0000123456789000-()0{}\0000000000000
00000000000000000000000000000000000000000000000000000000SPSSPORTA8/202611296/095
6041E/GNU pspp 1.6.23J/x86_64-pc-linux-gnu47/5B/70/4/FBEF5/8/0/5/8/0/70/4/FAFT5/
8/0/5/8/0/70/4/RBEF5/8/0/5/8/0/70/4/RAFT5/8/0/5/8/0/78/3/GRP1/8/0/1/8/0/78/4/SID
E1/8/0/1/8/0/70/6/PERSON5/8/0/5/8/0/F45/46/P/16/8/treat   8/right   1/40/47/15/1
7/8/treat   8/left    1/4F/4F/S/1A/8/treat   8/right   2/4F/4F/O/14/8/treat   8/
left    2/3A/3N/Q/10/8/treat   8/right   3/3K/3P/O/Q/8/treat   8/left    3/42/43
/M/1C/8/treat   8/right   4/42/45/O/17/8/treat   8/left    4/44/46/T/T/8/treat  
 8/right   5/44/4F/S/11/8/treat   8/left    5/3N/40/M/18/8/treat   8/right   6/4
2/40/C/14/8/treat   8/left    6/4A/4I/10/15/8/treat   8/right   7/3F/4A/10/R/8/t
reat   8/left    7/43/47/13/1C/8/treat   8/right   8/45/49/14/1A/8/treat   8/lef
t    8/43/48/I/R/8/treat   8/right   9/46/48/Q/12/8/treat   8/left    9/3P/40/K/
1A/8/treat   8/right   A/45/40/M/1A/8/treat   8/left    A/40/4F/7/K/8/treat   8/
right   B/3F/47/A/S/8/treat   8/left    B/40/4A/P/S/8/treat   8/right   C/3K/40/
P/Q/8/treat   8/left    C/47/4F/15/19/8/treat   8/right   D/45/4A/P/T/8/treat   
8/left    D/48/4I/10/1D/8/treat   8/right   E/44/4G/13/1F/8/treat   8/left    E/
3P/44/Q/14/8/treat   8/right   F/3Q/44/1A/1C/8/treat   8/left    F/3G/3K/K/L/8/t
reat   8/right   G/3L/3Q/G/H/8/treat   8/left    G/3N/3O/A/C/8/treat   8/right  
 H/3F/3P/B/E/8/treat   8/left    H/3A/3F/E/N/8/treat   8/right   I/39/2S/2/A/8/t
reat   8/left    I/3N/3T/1I/1K/8/treat   8/right   J/46/46/15/15/8/treat   8/lef
t    J/3C/3K/M/10/8/treat   8/right   K/34/3P/D/O/8/treat   8/left    K/3Q/3L/M/
P/8/treat   8/right   L/3M/3O/K/P/8/treat   8/left    L/42/48/10/15/8/treat   8/
right   M/42/48/13/15/8/treat   8/left    M/3S/47/M/10/8/treat   8/right   N/3P/
44/P/R/8/treat   8/left    N/3P/45/12/19/8/treat   8/right   O/3S/47/C/P/8/treat
   8/left    O/2I/41/15/14/8/treat   8/right   P/2H/46/10/12/8/treat   8/left   
 P/49/49/16/1E/8/treat   8/right   Q/47/4C/13/P/8/treat   8/left    Q/47/47/A/F/
8/treat   8/right   R/4C/4J/19/16/8/treat   8/left    R/3A/3A/N/H/8/control 8/ri
ght   S/3F/3D/I/C/8/control 8/left    S/3O/3P/L/O/8/control 8/right   T/3P/3Q/S/
R/8/control 8/left    T/43/46/P/T/8/control 8/right   10/46/41/Q/R/8/control 8/l
eft    10/3F/3K/15/13/8/control 8/right   11/3F/3C/13/O/8/control 8/left    11/4
0/43/P/10/8/control 8/right   12/43/3S/M/R/8/control 8/left    12/35/36/K/16/8/c
ontrol 8/right   13/3M/40/Q/10/8/control 8/left    13/3I/3N/R/10/8/control 8/rig
ht   14/3L/3J/F/E/8/control 8/left    14/3I/3L/Q/P/8/control 8/right   15/2L/3L/
E/D/8/control 8/left    15/3O/41/M/O/8/control 8/right   16/3M/40/Q/Q/8/control 
8/left    16/3D/3K/16/1B/8/control 8/right   17/3F/3L/13/16/8/control 8/left    
17/3N/3S/12/15/8/control 8/right   18/3M/3P/R/11/8/control 8/left    18/3Q/40/16
/10/8/control 8/right   19/3N/41/4/2/8/control 8/left    19/ZZZZZZZZZZZZZZZZZZZZ
