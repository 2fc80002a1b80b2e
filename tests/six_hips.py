"""A study of three people whose six hips are lost one at each step."""

HEADER = "ID,Clinic,Hip,Visit,Device,IR,SLR,Ober\n"
TOML = """
name = "S"
[[source]]
file = "visits.csv"
[source.columns]
patient_id = "ID"
clinic_id = "Clinic"
side = "Hip"
timepoint = "Visit"
device = "Device"
hip_ir_deg = "IR"
slr_deg = "SLR"
ober = "Ober"
[source.set]
position = "prone"
motion = "passive"
"""
# a left: judged. a right: Ober negative from the start, no room to improve. b left: no SLR afterwards.
# b right: another device. c left: not seen after. c right: not seen before.
VISITS = """\
a,N,left,baseline,phone,15,60,positive
a,N,left,post,phone,21,71,negative
a,N,right,baseline,phone,20,65,negative
a,N,right,post,phone,22,66,negative
b,N,left,baseline,phone,12,61,positive
b,N,left,post,phone,18,,negative
b,N,right,baseline,phone,13,62,positive
b,N,right,post,goniometer,19,72,negative
c,,left,baseline,phone,14,63,positive
c,,right,post,phone,25,70,negative
"""
