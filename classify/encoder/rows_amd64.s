#include "textflag.h"

// What is done to a row beside the matrix products, eight values at a time. All lengths are multiples of 8 and at least 8 unless said otherwise.

// CONST puts a number into all lanes of a vector of constants.
#define CONST(at, bits) \
	DATA consts<>+at+0(SB)/4, $bits; \
	DATA consts<>+at+4(SB)/4, $bits; \
	DATA consts<>+at+8(SB)/4, $bits; \
	DATA consts<>+at+12(SB)/4, $bits; \
	DATA consts<>+at+16(SB)/4, $bits; \
	DATA consts<>+at+20(SB)/4, $bits; \
	DATA consts<>+at+24(SB)/4, $bits; \
	DATA consts<>+at+28(SB)/4, $bits

CONST(0, 0x7FFFFFFF) // all bits but the sign
CONST(32, 0xC2AE0000) // -87.0
CONST(64, 0x3FB8AA3B) // 1.4426950408889634
CONST(96, 0x3F318000) // 0.693359375: ln 2 in two parts
CONST(128, 0xB95E8083) // -0.00021219444
CONST(160, 0x39506967) // 0.000198756915: e^r for |r| ≤ ½·ln 2
CONST(192, 0x3AB743CE) // 0.0013981999507
CONST(224, 0x3C088908) // 0.0083334519073
CONST(256, 0x3D2AA9C1) // 0.041665795894
CONST(288, 0x3E2AAAAA) // 0.16666665459
CONST(320, 0x3F000000) // 0.50000001201
CONST(352, 0x3F800000) // 1.0
CONST(384, 0xBF000000) // -0.5
CONST(416, 0x3E6D3389) // 0.2316419: half of erfc
CONST(448, 0x3F07DC22) // 0.5307027145
CONST(480, 0xBF3A00E3) // -0.7265760135
CONST(512, 0x3F35F0E3) // 0.7107068705
CONST(544, 0xBE11A98E) // -0.142248368
CONST(576, 0x3E027906) // 0.127414796
GLOBL consts<>(SB), RODATA|NOPTR, $608

DATA smallest<>+0(SB)/4, $0x0DA24260 // 1e-30
GLOBL smallest<>(SB), RODATA|NOPTR, $4

// EXP sets Y0 to its exponential, for Y0 ≤ 0, to 2e-7 of its value: 2^n by the exponent's bits, the rest by a polynomial (Moshier's Cephes
// library, expf). It uses Y1 and Y2.
#define EXP \
	VMAXPS consts<>+32(SB), Y0, Y0 \
	VMULPS consts<>+64(SB), Y0, Y1 \
	VROUNDPS $8, Y1, Y1 \
	VFNMADD231PS consts<>+96(SB), Y1, Y0 \
	VFNMADD231PS consts<>+128(SB), Y1, Y0 \
	VMOVUPS consts<>+160(SB), Y2 \
	VFMADD213PS consts<>+192(SB), Y0, Y2 \
	VFMADD213PS consts<>+224(SB), Y0, Y2 \
	VFMADD213PS consts<>+256(SB), Y0, Y2 \
	VFMADD213PS consts<>+288(SB), Y0, Y2 \
	VFMADD213PS consts<>+320(SB), Y0, Y2 \
	VFMADD213PS consts<>+352(SB), Y0, Y2 \
	VFMADD213PS consts<>+352(SB), Y0, Y2 \
	VCVTPS2DQ Y1, Y1 \
	VPSLLD $23, Y1, Y1 \
	VPADDD Y1, Y2, Y0

// FOLD puts the sum or the largest of the lanes of Y0 into all of them. It uses X1.
#define FOLD(OP) \
	VEXTRACTF128 $1, Y0, X1 \
	OP X1, X0, X0 \
	VPERMILPS $0x4E, X0, X1 \
	OP X1, X0, X0 \
	VPERMILPS $0xB1, X0, X1 \
	OP X1, X0, X0 \
	VBROADCASTSS X0, Y0

// func roundRowAVX2(n int, q *int16, x *float32, steps float32) float32
//
// n is a multiple of 16.
TEXT ·roundRowAVX2(SB), NOSPLIT, $0-36
	MOVQ n+0(FP), CX
	MOVQ q+8(FP), DI
	MOVQ x+16(FP), SI
	MOVSS steps+24(FP), X6
	VMOVUPS consts<>+0(SB), Y5
	VPXOR Y0, Y0, Y0
	MOVQ SI, R8
	MOVQ CX, R9

most:
	VANDPS (R8), Y5, Y2
	VANDPS 32(R8), Y5, Y3
	VMAXPS Y2, Y0, Y0
	VMAXPS Y3, Y0, Y0
	ADDQ $64, R8
	SUBQ $16, R9
	JNZ  most
	FOLD(VMAXPS)
	VPXOR X7, X7, X7 // what a step is worth
	VPXOR Y4, Y4, Y4 // steps of one
	VUCOMISS smallest<>(SB), X0
	JLS  round
	VDIVSS X6, X0, X7
	VDIVSS X0, X6, X4
	VBROADCASTSS X4, Y4

round:
	VMULPS (SI), Y4, Y0
	VMULPS 32(SI), Y4, Y1
	VCVTPS2DQ Y0, Y0
	VCVTPS2DQ Y1, Y1
	VPACKSSDW Y1, Y0, Y0
	VPERMQ $0xD8, Y0, Y0
	VMOVDQU Y0, (DI)
	ADDQ $64, SI
	ADDQ $32, DI
	SUBQ $16, CX
	JNZ  round
	MOVSS X7, ret+32(FP)
	VZEROUPPER
	RET

// func softmaxAVX2(n int, x *float32, by float32)
TEXT ·softmaxAVX2(SB), NOSPLIT, $0-20
	MOVQ n+0(FP), CX
	MOVQ x+8(FP), SI
	VBROADCASTSS by+16(FP), Y3
	VMOVUPS (SI), Y0
	MOVQ SI, R8
	MOVQ CX, R9

most:
	VMAXPS (R8), Y0, Y0
	ADDQ $32, R8
	SUBQ $8, R9
	JNZ  most
	FOLD(VMAXPS)
	VMOVAPS Y0, Y4
	VPXOR Y5, Y5, Y5
	MOVQ SI, R8
	MOVQ CX, R9

power:
	VMOVUPS (R8), Y0
	VSUBPS Y4, Y0, Y0
	VMULPS Y3, Y0, Y0
	EXP
	VMOVUPS Y0, (R8)
	VADDPS Y0, Y5, Y5
	ADDQ $32, R8
	SUBQ $8, R9
	JNZ  power
	VMOVAPS Y5, Y0
	FOLD(VADDPS)
	VMOVUPS consts<>+352(SB), Y1
	VDIVPS Y0, Y1, Y4

share:
	VMULPS (SI), Y4, Y0
	VMOVUPS Y0, (SI)
	ADDQ $32, SI
	SUBQ $8, CX
	JNZ  share
	VZEROUPPER
	RET

// func geluAVX2(n int, x *float32)
//
// x·Φ(x) = max(x, 0) - |x|·½·erfc(|x|/√2), with erfc by formula 7.1.26 of Abramowitz & Stegun 1964, which is off by 1.5e-7 at most.
TEXT ·geluAVX2(SB), NOSPLIT, $0-16
	MOVQ n+0(FP), CX
	MOVQ x+8(FP), SI
	VPXOR Y7, Y7, Y7

next:
	VMOVUPS (SI), Y3
	VANDPS consts<>+0(SB), Y3, Y4
	VMAXPS Y7, Y3, Y3
	VMULPS Y4, Y4, Y0
	VMULPS consts<>+384(SB), Y0, Y0
	EXP
	VMOVUPS consts<>+416(SB), Y5
	VFMADD213PS consts<>+352(SB), Y4, Y5
	VMOVUPS consts<>+352(SB), Y6
	VDIVPS Y5, Y6, Y5
	VMOVUPS consts<>+448(SB), Y6
	VFMADD213PS consts<>+480(SB), Y5, Y6
	VFMADD213PS consts<>+512(SB), Y5, Y6
	VFMADD213PS consts<>+544(SB), Y5, Y6
	VFMADD213PS consts<>+576(SB), Y5, Y6
	VMULPS Y5, Y6, Y6
	VMULPS Y4, Y6, Y6
	VFNMADD231PS Y0, Y6, Y3
	VMOVUPS Y3, (SI)
	ADDQ $32, SI
	SUBQ $8, CX
	JNZ  next
	VZEROUPPER
	RET

// func normAVX2(n int, x, y, gain, bias *float32, epsilon float32)
TEXT ·normAVX2(SB), NOSPLIT, $0-44
	MOVQ n+0(FP), CX
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DI
	MOVQ gain+24(FP), R10
	MOVQ bias+32(FP), R11
	VPXOR Y0, Y0, Y0
	VCVTSI2SSQ CX, X0, X6
	VBROADCASTSS X6, Y6
	MOVQ SI, R8
	MOVQ CX, R9
	VPXOR Y0, Y0, Y0

add:
	VMOVUPS (R8), Y2
	VADDPS (DI), Y2, Y2
	VMOVUPS Y2, (R8)
	VADDPS Y2, Y0, Y0
	ADDQ $32, R8
	ADDQ $32, DI
	SUBQ $8, R9
	JNZ  add
	FOLD(VADDPS)
	VDIVPS Y6, Y0, Y4 // mean
	VPXOR Y0, Y0, Y0
	MOVQ SI, R8
	MOVQ CX, R9

square:
	VMOVUPS (R8), Y2
	VSUBPS Y4, Y2, Y2
	VMOVUPS Y2, (R8)
	VFMADD231PS Y2, Y2, Y0
	ADDQ $32, R8
	SUBQ $8, R9
	JNZ  square
	FOLD(VADDPS)
	VDIVPS Y6, Y0, Y0
	VBROADCASTSS epsilon+40(FP), Y1
	VADDPS Y1, Y0, Y0
	VSQRTPS Y0, Y0
	VMOVUPS consts<>+352(SB), Y1
	VDIVPS Y0, Y1, Y4

adapt:
	VMULPS (SI), Y4, Y0
	VMULPS (R10), Y0, Y0
	VADDPS (R11), Y0, Y0
	VMOVUPS Y0, (SI)
	ADDQ $32, SI
	ADDQ $32, R10
	ADDQ $32, R11
	SUBQ $8, CX
	JNZ  adapt
	VZEROUPPER
	RET
