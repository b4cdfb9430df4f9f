#include "textflag.h"

// Instructions that Go's assembler does not have, as the Arm Architecture Reference Manual encodes them; registers by number.
// SDOT adds to each lane of d the four products of n's bytes there with the bytes of lane 2h+l of m.
#define SDOT(d, n, m, h, l) WORD $(0x4F80E000 | (l)<<21 | (m)<<16 | (h)<<11 | (n)<<5 | (d))
#define SCVTF(d) WORD $(0x4E21D800 | (d)<<5 | (d))
#define FMUL(d, m) WORD $(0x6E20DC00 | (m)<<16 | (d)<<5 | (d))
#define FADD(d, m) WORD $(0x4E20D400 | (m)<<16 | (d)<<5 | (d))

// Four inputs of all six rows, lane 2h+l of V24 to V29, with 16 outputs; the sums of row i are V(4i) to V(4i+3).
#define ROWS(g, n, h, l) \
	SDOT(0+g, n, 24, h, l)  \
	SDOT(4+g, n, 25, h, l)  \
	SDOT(8+g, n, 26, h, l)  \
	SDOT(12+g, n, 27, h, l) \
	SDOT(16+g, n, 28, h, l) \
	SDOT(20+g, n, 29, h, l)

#define FOUR(h, l) \
	VLD1.P 32(R1), [V30.B16, V31.B16] \
	ROWS(0, 30, h, l) \
	ROWS(1, 31, h, l) \
	VLD1.P 32(R1), [V30.B16, V31.B16] \
	ROWS(2, 30, h, l) \
	ROWS(3, 31, h, l)

// Sums of one row to numbers: sums · what the row's steps are worth (m) · scale (V30) + bias (V31).
#define OUTPUT(d, m) \
	SCVTF(d)    \
	FMUL(d, m)  \
	FMUL(d, 30) \
	FADD(d, 31)

#define OUTPUTS(g) \
	VLD1.P 16(R3), [V30.S4] \
	VLD1.P 16(R4), [V31.S4] \
	OUTPUT(0+g, 24)  \
	OUTPUT(4+g, 25)  \
	OUTPUT(8+g, 26)  \
	OUTPUT(12+g, 27) \
	OUTPUT(16+g, 28) \
	OUTPUT(20+g, 29)

// func linearNEON(k int, a *int8, rowScale *float32, b *int8, scale, bias, c *float32, ldc int)
TEXT ·linearNEON(SB), NOSPLIT, $0-64
	MOVD k+0(FP), R0
	MOVD a+8(FP), R8
	MOVD rowScale+16(FP), R2
	MOVD b+24(FP), R1
	MOVD scale+32(FP), R3
	MOVD bias+40(FP), R4
	MOVD c+48(FP), R5
	MOVD ldc+56(FP), R6
	LSL  $2, R6
	LSL  $1, R0, R7 // bytes of a row
	ADD  R7, R8, R9
	ADD  R7, R9, R10
	ADD  R7, R10, R11
	ADD  R7, R11, R12
	ADD  R7, R12, R13
	LSL  $4, R0, R14
	MOVD R1, R15
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16
	VEOR V4.B16, V4.B16, V4.B16
	VEOR V5.B16, V5.B16, V5.B16
	VEOR V6.B16, V6.B16, V6.B16
	VEOR V7.B16, V7.B16, V7.B16
	VEOR V8.B16, V8.B16, V8.B16
	VEOR V9.B16, V9.B16, V9.B16
	VEOR V10.B16, V10.B16, V10.B16
	VEOR V11.B16, V11.B16, V11.B16
	VEOR V12.B16, V12.B16, V12.B16
	VEOR V13.B16, V13.B16, V13.B16
	VEOR V14.B16, V14.B16, V14.B16
	VEOR V15.B16, V15.B16, V15.B16
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16
	VEOR V18.B16, V18.B16, V18.B16
	VEOR V19.B16, V19.B16, V19.B16
	VEOR V20.B16, V20.B16, V20.B16
	VEOR V21.B16, V21.B16, V21.B16
	VEOR V22.B16, V22.B16, V22.B16
	VEOR V23.B16, V23.B16, V23.B16
	MOVD $2, R16 // the upper bytes, then the lower ones, which follow them

bytes:
	MOVD R15, R1
	MOVD R0, R17

next:
	VLD1.P 16(R8), [V24.B16]
	VLD1.P 16(R9), [V25.B16]
	VLD1.P 16(R10), [V26.B16]
	VLD1.P 16(R11), [V27.B16]
	VLD1.P 16(R12), [V28.B16]
	VLD1.P 16(R13), [V29.B16]
	FOUR(0, 0)
	FOUR(0, 1)
	FOUR(1, 0)
	FOUR(1, 1)
	SUBS $16, R17
	BNE  next
	SUBS $1, R16
	BEQ  output
	VSHL $8, V0.S4, V0.S4
	VSHL $8, V1.S4, V1.S4
	VSHL $8, V2.S4, V2.S4
	VSHL $8, V3.S4, V3.S4
	VSHL $8, V4.S4, V4.S4
	VSHL $8, V5.S4, V5.S4
	VSHL $8, V6.S4, V6.S4
	VSHL $8, V7.S4, V7.S4
	VSHL $8, V8.S4, V8.S4
	VSHL $8, V9.S4, V9.S4
	VSHL $8, V10.S4, V10.S4
	VSHL $8, V11.S4, V11.S4
	VSHL $8, V12.S4, V12.S4
	VSHL $8, V13.S4, V13.S4
	VSHL $8, V14.S4, V14.S4
	VSHL $8, V15.S4, V15.S4
	VSHL $8, V16.S4, V16.S4
	VSHL $8, V17.S4, V17.S4
	VSHL $8, V18.S4, V18.S4
	VSHL $8, V19.S4, V19.S4
	VSHL $8, V20.S4, V20.S4
	VSHL $8, V21.S4, V21.S4
	VSHL $8, V22.S4, V22.S4
	VSHL $8, V23.S4, V23.S4
	B bytes

output:
	VLD1R.P 4(R2), [V24.S4]
	VLD1R.P 4(R2), [V25.S4]
	VLD1R.P 4(R2), [V26.S4]
	VLD1R.P 4(R2), [V27.S4]
	VLD1R.P 4(R2), [V28.S4]
	VLD1R.P 4(R2), [V29.S4]
	OUTPUTS(0)
	OUTPUTS(1)
	OUTPUTS(2)
	OUTPUTS(3)
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R5)
	ADD  R6, R5
	VST1 [V4.S4, V5.S4, V6.S4, V7.S4], (R5)
	ADD  R6, R5
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (R5)
	ADD  R6, R5
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (R5)
	ADD  R6, R5
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R5)
	ADD  R6, R5
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (R5)
	RET

// func tileNEON(k int, a *float32, lda int, b, bias, c *float32, ldc int)
//
// V0 to V23 are the sums, four vectors a row; V24 to V27 a row of the panel, V28 an element of A in all lanes. k must be at least 1.
TEXT ·tileNEON(SB), NOSPLIT, $0-56
	MOVD k+0(FP), R0
	MOVD a+8(FP), R8
	MOVD lda+16(FP), R7
	MOVD b+24(FP), R1
	MOVD bias+32(FP), R4
	MOVD c+40(FP), R5
	MOVD ldc+48(FP), R6
	LSL  $2, R7
	LSL  $2, R6
	ADD  R7, R8, R9
	ADD  R7, R9, R10
	ADD  R7, R10, R11
	ADD  R7, R11, R12
	ADD  R7, R12, R13
	VLD1 (R4), [V0.S4, V1.S4, V2.S4, V3.S4]
	VORR V0.B16, V0.B16, V4.B16
	VORR V1.B16, V1.B16, V5.B16
	VORR V2.B16, V2.B16, V6.B16
	VORR V3.B16, V3.B16, V7.B16
	VORR V0.B16, V0.B16, V8.B16
	VORR V1.B16, V1.B16, V9.B16
	VORR V2.B16, V2.B16, V10.B16
	VORR V3.B16, V3.B16, V11.B16
	VORR V0.B16, V0.B16, V12.B16
	VORR V1.B16, V1.B16, V13.B16
	VORR V2.B16, V2.B16, V14.B16
	VORR V3.B16, V3.B16, V15.B16
	VORR V0.B16, V0.B16, V16.B16
	VORR V1.B16, V1.B16, V17.B16
	VORR V2.B16, V2.B16, V18.B16
	VORR V3.B16, V3.B16, V19.B16
	VORR V0.B16, V0.B16, V20.B16
	VORR V1.B16, V1.B16, V21.B16
	VORR V2.B16, V2.B16, V22.B16
	VORR V3.B16, V3.B16, V23.B16

next:
	VLD1.P 64(R1), [V24.S4, V25.S4, V26.S4, V27.S4]
	VLD1R.P 4(R8), [V28.S4]
	VFMLA V24.S4, V28.S4, V0.S4
	VFMLA V25.S4, V28.S4, V1.S4
	VFMLA V26.S4, V28.S4, V2.S4
	VFMLA V27.S4, V28.S4, V3.S4
	VLD1R.P 4(R9), [V29.S4]
	VFMLA V24.S4, V29.S4, V4.S4
	VFMLA V25.S4, V29.S4, V5.S4
	VFMLA V26.S4, V29.S4, V6.S4
	VFMLA V27.S4, V29.S4, V7.S4
	VLD1R.P 4(R10), [V30.S4]
	VFMLA V24.S4, V30.S4, V8.S4
	VFMLA V25.S4, V30.S4, V9.S4
	VFMLA V26.S4, V30.S4, V10.S4
	VFMLA V27.S4, V30.S4, V11.S4
	VLD1R.P 4(R11), [V31.S4]
	VFMLA V24.S4, V31.S4, V12.S4
	VFMLA V25.S4, V31.S4, V13.S4
	VFMLA V26.S4, V31.S4, V14.S4
	VFMLA V27.S4, V31.S4, V15.S4
	VLD1R.P 4(R12), [V28.S4]
	VFMLA V24.S4, V28.S4, V16.S4
	VFMLA V25.S4, V28.S4, V17.S4
	VFMLA V26.S4, V28.S4, V18.S4
	VFMLA V27.S4, V28.S4, V19.S4
	VLD1R.P 4(R13), [V29.S4]
	VFMLA V24.S4, V29.S4, V20.S4
	VFMLA V25.S4, V29.S4, V21.S4
	VFMLA V26.S4, V29.S4, V22.S4
	VFMLA V27.S4, V29.S4, V23.S4
	SUBS $1, R0
	BNE  next
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (R5)
	ADD  R6, R5
	VST1 [V4.S4, V5.S4, V6.S4, V7.S4], (R5)
	ADD  R6, R5
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (R5)
	ADD  R6, R5
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (R5)
	ADD  R6, R5
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (R5)
	ADD  R6, R5
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (R5)
	RET
