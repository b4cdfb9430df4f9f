#include "textflag.h"

// One pair of inputs of one row: its two products with each of 16 outputs, added up in pairs.
#define ROW(from, lo, hi) \
	VPBROADCASTD from, Y2  \
	VPMADDWD Y0, Y2, Y3    \
	VPADDD Y3, lo, lo      \
	VPMADDWD Y1, Y2, Y2    \
	VPADDD Y2, hi, hi

// The same where the processor multiplies and adds up in one.
#define DOT(from, lo, hi) \
	VPBROADCASTD from, Y2  \
	VPDPWSSD Y0, Y2, lo    \
	VPDPWSSD Y1, Y2, hi

// One pair of inputs of three rows and of the three after them, at byte offset d of the rows and e of the panel.
#define PAIR3(ROW, d, e) \
	VPMOVSXBW e(DI), Y0       \
	VPMOVSXBW e+16(DI), Y1    \
	ROW(d(R8), Y4, Y5)        \
	ROW(d(R8)(R10*1), Y6, Y7) \
	ROW(d(R8)(R10*2), Y8, Y9)

#define MORE(ROW, d) \
	ROW(d(R9), Y10, Y11)      \
	ROW(d(R9)(R10*1), Y12, Y13) \
	ROW(d(R9)(R10*2), Y14, Y15)

#define NEXT \
	ADDQ $64, DI \
	ADDQ $8, R8  \
	ADDQ $8, R9  \
	SUBQ $2, CX

// The outputs of one row: sums · worth of the row's steps · scale + bias.
#define STORE(i, lo, hi) \
	VBROADCASTSS (4*i)(BX), Y2 \
	VCVTDQ2PS lo, lo    \
	VCVTDQ2PS hi, hi    \
	VMULPS Y2, lo, lo   \
	VMULPS Y2, hi, hi   \
	VMULPS Y0, lo, lo   \
	VMULPS Y1, hi, hi   \
	VADDPS (SI), lo, lo \
	VADDPS 32(SI), hi, hi \
	VMOVUPS lo, (DX)    \
	VMOVUPS hi, 32(DX)  \
	ADDQ R11, DX

// func linearAVX2(rows, pairs int, a *int16, rowScale *float32, b *int8, scale, bias, c *float32, ldc int)
//
// Y4 to Y15 are the sums, two vectors a row; Y0 and Y1 the weights of 16 outputs for a pair of inputs. pairs must be even and at least 2,
// rows 3 or 6.
TEXT ·linearAVX2(SB), NOSPLIT, $0-72
	MOVQ pairs+8(FP), CX
	MOVQ a+16(FP), R8
	MOVQ rowScale+24(FP), BX
	MOVQ b+32(FP), DI
	MOVQ scale+40(FP), AX
	MOVQ bias+48(FP), SI
	MOVQ c+56(FP), DX
	MOVQ ldc+64(FP), R11
	SHLQ $2, R11
	LEAQ (CX*4), R10
	LEAQ (R10)(R10*2), R9
	ADDQ R8, R9
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	VPXOR Y11, Y11, Y11
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13
	VPXOR Y14, Y14, Y14
	VPXOR Y15, Y15, Y15

	CMPB ·hasDot(SB), $1
	JEQ  dot
	CMPQ rows+0(FP), $3
	JEQ  three

six:
	PAIR3(ROW, 0, 0)
	MORE(ROW, 0)
	PAIR3(ROW, 4, 32)
	MORE(ROW, 4)
	NEXT
	JNZ  six
	JMP  store

three:
	PAIR3(ROW, 0, 0)
	PAIR3(ROW, 4, 32)
	NEXT
	JNZ  three
	JMP  store

dot:
	CMPQ rows+0(FP), $3
	JEQ  threeDot

sixDot:
	PAIR3(DOT, 0, 0)
	MORE(DOT, 0)
	PAIR3(DOT, 4, 32)
	MORE(DOT, 4)
	NEXT
	JNZ  sixDot
	JMP  store

threeDot:
	PAIR3(DOT, 0, 0)
	PAIR3(DOT, 4, 32)
	NEXT
	JNZ  threeDot

store:
	VMOVUPS (AX), Y0
	VMOVUPS 32(AX), Y1
	STORE(0, Y4, Y5)
	STORE(1, Y6, Y7)
	STORE(2, Y8, Y9)
	CMPQ rows+0(FP), $3
	JEQ  done
	STORE(3, Y10, Y11)
	STORE(4, Y12, Y13)
	STORE(5, Y14, Y15)

done:
	VZEROUPPER
	RET
